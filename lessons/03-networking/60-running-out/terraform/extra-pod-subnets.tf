# Extra subnets for pods, found by the VPC CNI through their tag.

variable "vpc_id" {
  type = string
}

variable "extra_pod_subnets" {
  description = "CIDR of the extra pod subnet, by zone."
  type        = map(string)
  default = {
    "eu-west-1a" = "100.64.0.0/18"
    "eu-west-1b" = "100.64.64.0/18"
    "eu-west-1c" = "100.64.128.0/18"
  }
}

variable "private_route_table_ids" {
  description = "Route table with the way out, by zone."
  type        = map(string)
}

resource "aws_vpc_ipv4_cidr_block_association" "pods" {
  vpc_id     = var.vpc_id
  cidr_block = "100.64.0.0/16"
}

resource "aws_subnet" "pods" {
  for_each = var.extra_pod_subnets

  vpc_id            = aws_vpc_ipv4_cidr_block_association.pods.vpc_id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                                 = "lab-pods-${each.key}"
    "kubernetes.io/role/cni"             = "1"
    "cni.networking.k8s.aws/cluster/lab" = "shared"
  }
}

resource "aws_route_table_association" "pods" {
  for_each = aws_subnet.pods

  subnet_id      = each.value.id
  route_table_id = var.private_route_table_ids[each.key]
}
