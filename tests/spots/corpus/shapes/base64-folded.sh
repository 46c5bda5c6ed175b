#!/bin/sh
base64 -d > /etc/cloudflared/x.json <<EOF
@CREDENTIALS|b64|fold:64@
EOF
