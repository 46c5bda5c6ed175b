#!/bin/sh
cloudflared tunnel run --token ${TUNNEL_TOKEN}
