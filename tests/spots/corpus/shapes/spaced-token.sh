#!/bin/sh
cloudflared tunnel run --token @SPACED_TOKEN@
