resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
  cidr_block = "10.1.0.0/16" # finds
  tags       = { a = 1 }
}

resource "aws_vpc" "two" {
  cidr_block = "10.2.0.0/16"
}
