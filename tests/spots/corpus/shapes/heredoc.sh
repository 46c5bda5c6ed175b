#!/bin/bash
cat > /etc/cloudflared/@TUNNEL@.json <<EOF
@CREDENTIALS@
EOF
