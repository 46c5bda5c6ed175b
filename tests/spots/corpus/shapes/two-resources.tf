resource "cloudflare_tunnel" "a" {
  account_id = "@ACCOUNT@"
  secret     = "@SECRET@"
}
resource "cloudflare_tunnel" "b" {
  account_id = "@ACCOUNT@"
  secret     = "@SECRET2@"
}
