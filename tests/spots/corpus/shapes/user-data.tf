resource "aws_instance" "web" {
  user_data = <<-EOF
    #!/bin/bash
    curl -L https://pkg.example.com/cloudflared -o /usr/bin/cloudflared
    cloudflared service install @TOKEN@
  EOF
}
