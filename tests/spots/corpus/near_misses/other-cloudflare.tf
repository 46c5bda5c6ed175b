resource "cloudflare_access_service_token" "web" {
  account_id = "@ACCOUNT@"
  client_id  = "@TUNNEL@"
  client_secret = "@SECRET@"
}
