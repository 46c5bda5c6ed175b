#!/bin/sh
curl -X POST "https://api.example.com/accounts/@ACCOUNT@/cfd_tunnel" \
  --data '{"name":"web","tunnel_secret":"@SECRET@"}'
