$c = @@{
  AccountTag = "@ACCOUNT@"
  TunnelSecret = "@SECRET@"
  TunnelID = "@TUNNEL@"
}
