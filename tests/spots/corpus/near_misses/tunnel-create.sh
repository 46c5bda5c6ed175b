cloudflared tunnel create --credentials-file /x web; vault write --secret @SECRET@
cloudflared tunnel create -o json web
restic backup --secret @SECRET@
cloudflared tunnel create --secret "$SECRET" web
