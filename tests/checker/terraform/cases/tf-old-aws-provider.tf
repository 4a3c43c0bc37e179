terraform {
  required_providers {
    aws = { # finds
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
  }
}
