variable "used" {}

variable "unused" { # finds
  validation {
    condition     = var.unused != ""
    error_message = "Not empty."
  }
}

output "it" {
  value = var.used
}
