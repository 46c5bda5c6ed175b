resource "cloudflare_tunnel" "web" {
  account_id = "<your account id>"
  secret     = "<your tunnel secret, 32 bytes in base64>"
}
