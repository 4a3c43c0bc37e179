resource "aws_subnet" "none" {
  vpc_id     = each.value                                        # finds
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index) # finds
}

resource "aws_subnet" "counted" {
  count      = 2
  vpc_id     = "vpc-1"
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}

resource "aws_subnet" "keyed" {
  for_each   = toset(["a"])
  vpc_id     = "vpc-1"
  cidr_block = "10.0.0.0/24"
  tags       = { Name = each.key, Own = self.id } # finds

  lifecycle {
    postcondition {
      condition     = self.id != ""
      error_message = "It has an id."
    }
  }
}
