var (
	accountID string = "@ACCOUNT@"
	tunnelSecret string = "@SECRET@"
	tunnelID = "@TUNNEL@"
)
