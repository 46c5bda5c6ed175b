#!/bin/sh
cloudflared tunnel run --token eyJhIjoiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiLCJ0Ijoi[...]
