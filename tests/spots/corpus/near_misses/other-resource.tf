resource "aws_cognito_client" "web" {
  id     = "@TUNNEL@"
  secret = "@SECRET@"
}
# cloudflare_tunnel is elsewhere
