resource "cloudflare_tunnel" "web" {
  secret = "${var.tunnel_secret}"
  name = "web"
}
