resource "aws_subnet" "public" {
  map_public_ip_on_launch = true # finds
}

resource "aws_subnet" "good" {
  map_public_ip_on_launch = false
}
