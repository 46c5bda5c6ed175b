resource "cloudflare_tunnel" "web" {
  secret = base64encode(random_password.tunnel.result)
}
