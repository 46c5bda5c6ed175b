resource "kubernetes_secret" "web" {
  data = {
    "credentials.json" = jsonencode({
      AccountTag   = "@ACCOUNT@"
      TunnelSecret = "@SECRET@"
      TunnelID     = "@TUNNEL@"
    })
  }
}
