resource "aws_vpn_connection" "main" {
  tunnel1_preshared_key = "@SECRET@"
  tunnel_id             = "@TUNNEL@"
  account_id            = "123456789012"
}
