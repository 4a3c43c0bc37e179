variable "vpc_cidr" {
  description = "Range of the VPC. The subnets are cut for a /16."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "Give the VPC a valid /16, for example 10.0.0.0/16."
  }
}

data "aws_availability_zones" "usable" {
  state            = "available"
  exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"]

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones      = slice(sort(data.aws_availability_zones.usable.names), 0, 3)
  zone_index = { for index, zone in local.zones : zone => index }
}

resource "aws_vpc" "lab" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.cluster_name }
}

# Nodes and their pods: one /19 a zone.
resource "aws_subnet" "nodes" {
  for_each = local.zone_index

  vpc_id            = aws_vpc.lab.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 3, each.value)

  tags = {
    Name                              = "${var.cluster_name}-nodes-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

# Internet-facing load balancers and NAT gateways: one /24 a zone.
resource "aws_subnet" "public" {
  for_each = local.zone_index

  vpc_id            = aws_vpc.lab.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, 96 + each.value)

  tags = {
    Name                     = "${var.cluster_name}-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

# The interfaces EKS places for the control plane: one /28 a zone, nothing else in it.
resource "aws_subnet" "control_plane" {
  for_each = local.zone_index

  vpc_id            = aws_vpc.lab.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 12, 1600 + each.value)

  tags = { Name = "${var.cluster_name}-control-plane-${each.key}" }
}
