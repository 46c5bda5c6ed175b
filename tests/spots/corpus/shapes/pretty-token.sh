#!/bin/sh
cloudflared tunnel run --token @PRETTY_TOKEN@
