X = { :account_id => "@ACCOUNT@", :tunnel_id => "@TUNNEL@", :tunnel_secret => "@SECRET@" }
