#!/bin/sh
cloudflared tunnel create --output json \
  --secret @SECRET@ web
