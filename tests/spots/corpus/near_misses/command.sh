#!/bin/sh
TUNNEL_SECRET=$(openssl rand -base64 32)
TUNNEL_TOKEN=$(cat /run/secrets/token)
export TUNNEL_SECRET="$(head -c 32 /dev/urandom | base64)"
