provider "aws" {
  region = "us-east-1"
}

data "aws_availability_zones" "all" { # finds
  state = "available"
}

data "aws_availability_zones" "good" {
  exclude_zone_ids = ["use1-az3"]
}

resource "aws_subnet" "one" {
  availability_zone = data.aws_availability_zones.all.names[0]
}
