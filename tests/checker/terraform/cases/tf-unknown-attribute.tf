resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

output "wrong" {
  value = aws_vpc.main.vpc_id # finds
}

output "right" {
  value = aws_vpc.main.main_route_table_id
}

locals {
  sizes = { small = 1 }
}

output "size" {
  value = local.sizes.large # finds
}

output "maybe" {
  value = try(local.sizes.large, 2)
}
