resource "aws_subnet" "private" {
  count = 3
}

resource "aws_nat_gateway" "each_zone" {
  count = 3
}
