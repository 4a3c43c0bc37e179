resource "aws_subnet" "private" {
  count = 3
}

resource "aws_nat_gateway" "regional" {
  availability_mode = "regional"
}
