job "tunnel" {
  task "run" {
    template {
      data = <<EOH
TUNNEL_TOKEN="@TOKEN@"
EOH
      env = true
    }
  }
}
