cloudflared:
  cert_json: '@CREDENTIALS@'
