#!/bin/sh
cloudflared tunnel run --token REDACTED
