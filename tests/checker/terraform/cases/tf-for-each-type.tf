resource "aws_eip" "list" {
  for_each = ["a", "b"] # finds
}

resource "aws_eip" "set" {
  for_each = toset(["a", "b"])
}

resource "aws_eip" "map" {
  for_each = { for name in ["a"] : name => name }
}
