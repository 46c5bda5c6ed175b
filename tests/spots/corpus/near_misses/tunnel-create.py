run('cloudflared tunnel create -o json web', 'app --secret @SECRET@')
run("cloudflared tunnel create -o json web", "app --secret @SECRET@")
