resource "cloudflare_tunnel" "web" {
  account_id = var.account_id
  secret     = random_id.tunnel_secret.b64_std
}
output "tunnel_secret" {
  value = cloudflare_tunnel.web.secret
}
variable "tunnel_secret" {
  type = string
}
