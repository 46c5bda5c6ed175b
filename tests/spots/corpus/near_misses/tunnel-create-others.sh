stunnel create --secret @SECRET@ web
ssh-tunnel create -s @SECRET@ web
cloudflared tunnel create \
  -o json web
app --secret @SECRET@
