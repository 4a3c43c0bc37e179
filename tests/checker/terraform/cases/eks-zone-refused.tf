resource "aws_subnet" "refused" {
  availability_zone_id = "use1-az3" # finds
}

resource "aws_subnet" "good" {
  availability_zone_id = "use1-az4"
}
