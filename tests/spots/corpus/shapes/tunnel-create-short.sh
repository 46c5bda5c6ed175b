#!/bin/sh
cloudflared tunnel create -s @SECRET@ web
