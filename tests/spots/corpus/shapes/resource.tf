resource "cloudflare_tunnel" "web" {
  account_id = var.account_id
  name       = "web"
  secret     = "@SECRET@"
}
