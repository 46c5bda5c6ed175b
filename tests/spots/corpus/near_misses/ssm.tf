resource "cloudflare_tunnel" "a" {
  account_id = "@ACCOUNT@"
  secret = "arn:aws:ssm:eu-west-1:123456789012:parameter/tunnel/secret"
}
