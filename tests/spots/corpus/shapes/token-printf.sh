#!/bin/sh
printf %s '@TOKEN@' > /etc/cloudflared/token
