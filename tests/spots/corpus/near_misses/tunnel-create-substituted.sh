ID=$(cloudflared tunnel create -o json web) app --secret @SECRET@
id=`cloudflared tunnel create -o json web` app --secret @SECRET@
