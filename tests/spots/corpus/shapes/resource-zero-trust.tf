resource "cloudflare_zero_trust_tunnel_cloudflared" "web" {
  account_id    = "@ACCOUNT@"
  name          = "web"
  tunnel_secret = "@SECRET@"
}
