token_prefix = "eyJhIjoi"
assert "TunnelSecret" in data and data["tunnel_secret"] != other["tunnel_secret"]
