account_id = "123456789012"
secret = "@SECRET@"
id = "@TUNNEL@"
