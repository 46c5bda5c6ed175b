#!/bin/sh
cloudflared tunnel run --token @UPPER_TOKEN@
