provider "aws" {
  region = "eu-central-1"
}

data "aws_availability_zones" "all" {
  state = "available"
}

resource "aws_subnet" "one" {
  availability_zone = data.aws_availability_zones.all.names[0]
}
