@@echo off
sc create Cloudflared binPath= "\"C:\cloudflared.exe\" tunnel run --token @TOKEN@"
