resource "cloudflare_turnstile_widget" "web" {
  account_id = "@ACCOUNT@"
  secret     = "@SECRET@"
}
