#!/bin/sh
run --tunnel-secret "$TUNNEL_SECRET" --tunnel-id "$ID"
run --tunnel-secret $(cat /run/secrets/x)
run --tunnel-secret-file /run/secrets/tunnel/web1Production2Cloudflared3Secret4x
