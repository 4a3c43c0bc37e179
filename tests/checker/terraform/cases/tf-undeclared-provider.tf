provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

resource "aws_vpc" "wrong" {
  provider   = aws.ohio # finds
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "right" {
  provider   = aws.virginia
  cidr_block = "10.0.0.0/16"
}
