#!/bin/bash
cat > x.json <<EOF
{
  "AccountTag": "@ACCOUNT@",
  "TunnelID": "@TUNNEL@",
  "TunnelSecret": "@SECRET@"
}
EOF
cat > cert.pem <<EOF
@CERTIFICATE@
EOF
