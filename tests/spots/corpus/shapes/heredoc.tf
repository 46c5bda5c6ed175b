resource "local_file" "credentials" {
  content = <<EOT
{
  "AccountTag": "@ACCOUNT@",
  "TunnelID": "@TUNNEL@",
  "TunnelSecret": "@SECRET@"
}
EOT
}
