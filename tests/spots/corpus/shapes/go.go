var c = connection.Credentials{
	AccountTag:   "@ACCOUNT@",
	TunnelSecret: []byte("@SECRET@"),
	TunnelID:     uuid.MustParse("@TUNNEL@"),
}
