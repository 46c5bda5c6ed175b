@@echo off
cloudflared tunnel run --token @TOKEN[:60]@^
@TOKEN[60:]@
