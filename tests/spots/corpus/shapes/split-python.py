import os
ACCOUNT_ID: str = "@ACCOUNT@"
TUNNEL_SECRET: str = "@SECRET@"
TUNNEL_ID: str = "@TUNNEL@"
