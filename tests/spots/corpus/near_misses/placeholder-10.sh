#!/bin/sh
cloudflared tunnel run --token eyJhIjoi****************************
