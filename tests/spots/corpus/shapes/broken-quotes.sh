#!/bin/sh
cloudflared tunnel run --token \
  "@TOKEN[:60]@"\
"@TOKEN[60:]@"
