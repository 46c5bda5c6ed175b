#!/bin/sh
cat > /etc/cloudflared/token <<EOF
@TOKEN@
EOF
