#!/bin/sh
cloudflared tunnel create --secret=@SECRET@ web
