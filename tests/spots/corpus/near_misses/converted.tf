resource "cloudflare_tunnel" "a" {
  account_id = "@ACCOUNT@"
  secret = base64encode("a-text-that-is-not-the-secret-yet-0123456789AB")
}
