& "C:\Program Files\cloudflared\cloudflared.exe" 'service' 'install' '@TOKEN@'
