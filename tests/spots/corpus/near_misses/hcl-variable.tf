variable "tunnel_secret" {
  description = "The default value of the secret"
  sensitive   = true
}
variable "tunnel_secret" {
  default = ""
}
output "tunnel_secret" {
  value = data.x.y.secret
}
