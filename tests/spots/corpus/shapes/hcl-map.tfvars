account_id = "@ACCOUNT@"
tunnels = {
  web = {
    id            = "@TUNNEL@"
    tunnel_secret = "@SECRET@"
  }
  wiki = {
    id            = "@TUNNEL2@"
    tunnel_secret = "@SECRET2@"
  }
}
