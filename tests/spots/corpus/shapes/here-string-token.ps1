$env:TUNNEL_TOKEN = @@"
@TOKEN@
"@@
Start-Process -FilePath "C:\Program Files (x86)\cloudflared\cloudflared.exe" -ArgumentList "tunnel","run"
