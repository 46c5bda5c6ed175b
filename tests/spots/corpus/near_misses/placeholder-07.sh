#!/bin/sh
cloudflared tunnel run --token {{ tunnel_token }}
