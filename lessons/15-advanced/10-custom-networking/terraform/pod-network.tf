# Address space for pods: one block, one subnet a zone, the way out of the zone's private subnets.

variable "vpc_id" {
  type = string
}

variable "pod_subnets" {
  description = "CIDR of the pod subnet, by zone."
  type        = map(string)
  default = {
    "eu-west-1a" = "100.64.0.0/18"
    "eu-west-1b" = "100.64.64.0/18"
    "eu-west-1c" = "100.64.128.0/18"
  }
}

variable "private_route_table_ids" {
  description = "Route table of the private subnet, by zone."
  type        = map(string)
}

resource "aws_vpc_ipv4_cidr_block_association" "pods" {
  vpc_id     = var.vpc_id
  cidr_block = "100.64.0.0/16"
}

resource "aws_subnet" "pods" {
  for_each = var.pod_subnets

  vpc_id            = aws_vpc_ipv4_cidr_block_association.pods.vpc_id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "lab-pods-${each.key}" }
}

resource "aws_route_table_association" "pods" {
  for_each = aws_subnet.pods

  subnet_id      = each.value.id
  route_table_id = var.private_route_table_ids[each.key]
}
