resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "one" { # finds
  cidr_block = "10.1.0.0/16"
}

locals {
  one = 1
}

locals {
  one = 2 # finds
}

variable "one" {}
