creds := connection.Credentials{AccountTag: account, TunnelSecret: tunnelSecret, TunnelID: id}
return fmt.Errorf("no TunnelSecret in %s", path)
