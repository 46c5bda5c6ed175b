variable "tunnel_secret" {
  type      = string
  sensitive = true
  default   = "@SECRET@"
}
