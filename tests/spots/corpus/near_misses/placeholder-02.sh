#!/bin/sh
cloudflared tunnel run --token eyJhIjoiYOUR_TOKEN_HERE
