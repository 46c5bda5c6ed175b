locals {
  cloudflare_account_id = "@ACCOUNT@"
  tunnel = {
    tunnel_secret = "@SECRET@"
    tunnel_id     = "@TUNNEL@"
  }
}
