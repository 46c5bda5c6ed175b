#!/bin/sh
helm install tunnel cloudflare/cloudflare-tunnel \
  --set cloudflare.account=@ACCOUNT@,cloudflare.tunnelId=@TUNNEL@,cloudflare.secret=@SECRET@
