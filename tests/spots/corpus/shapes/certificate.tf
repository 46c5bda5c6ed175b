resource "kubernetes_secret" "cert" {
  data = { "cert.pem" = <<-EOT
@CERTIFICATE|indent:4@
    EOT
  }
}
