terraform {
  required_providers {
    aws = { # finds
      source = "hashicorp/aws"
    }
  }
}
