import os
account_id = os.environ.get("ACCOUNT_ID", "@ACCOUNT@")
tunnel_id = os.getenv('TUNNEL_ID', '@TUNNEL@')
secret = os.getenv('TUNNEL_SECRET', '@SECRET@')
