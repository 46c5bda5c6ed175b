job "tunnel" {
  task "run" {
    config { image = "cloudflare/cloudflared"
      args = ["tunnel", "run", "--token", "@TOKEN@"] }
  }
}
