resource "azuread_application_password" "tunnel_client" {
  tenant_id     = "@TUNNEL@"
  client_secret = "@SECRET@"
}
