# Keep the inner part of each node subnet free for prefixes.
# A /24 has 16 blocks of /28. Eight are reserved here; the other eight, with the two spoilt ones, serve single addresses.

variable "node_subnet_ids" {
  description = "Node subnet, by zone."
  type        = map(string)
}

locals {
  reservations = {
    "eu-west-1a/1" = { zone = "eu-west-1a", cidr = "10.0.1.64/26" }
    "eu-west-1a/2" = { zone = "eu-west-1a", cidr = "10.0.1.128/26" }
    "eu-west-1b/1" = { zone = "eu-west-1b", cidr = "10.0.2.64/26" }
    "eu-west-1b/2" = { zone = "eu-west-1b", cidr = "10.0.2.128/26" }
    "eu-west-1c/1" = { zone = "eu-west-1c", cidr = "10.0.3.64/26" }
    "eu-west-1c/2" = { zone = "eu-west-1c", cidr = "10.0.3.128/26" }
  }
}

resource "aws_ec2_subnet_cidr_reservation" "prefixes" {
  for_each = local.reservations

  subnet_id        = var.node_subnet_ids[each.value.zone]
  cidr_block       = each.value.cidr
  reservation_type = "prefix"
  description      = "VPC CNI prefixes of cluster lab"
}
