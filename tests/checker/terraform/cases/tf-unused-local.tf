locals {
  used   = 1
  unused = 2 # finds
}

output "it" {
  value = local.used
}
