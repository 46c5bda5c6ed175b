resource "cloudflare_zero_trust_tunnel_cloudflared" "a" {
  account_id    = "@ACCOUNT@"
  tunnel_secret = sensitive("@SECRET@")
}
