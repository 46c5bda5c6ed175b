resource "cloudflare_tunnel_config" "web" {
  account_id = "@ACCOUNT@"
  tunnel_id  = "@TUNNEL@"
}
resource "random_password" "db" { secret = "@SECRET@" }
