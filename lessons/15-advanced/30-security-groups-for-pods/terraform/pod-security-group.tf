# The group of the payments pods: who may reach them, and whom they may reach.

variable "vpc_id" {
  type = string
}

variable "cluster_security_group_id" {
  type = string
}

variable "database_security_group_id" {
  type = string
}

variable "cluster_role_name" {
  type = string
}

# The controller in the control plane creates the interfaces with the cluster role.
resource "aws_iam_role_policy_attachment" "vpc_resource_controller" {
  role       = var.cluster_role_name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSVPCResourceController"
}

resource "aws_security_group" "payments" {
  name        = "lab-payments-pods"
  description = "Pods of the payments service"
  vpc_id      = var.vpc_id
}

# Probes: the kubelet comes from the node, which has the cluster security group.
resource "aws_vpc_security_group_ingress_rule" "probes" {
  security_group_id            = aws_security_group.payments.id
  referenced_security_group_id = var.cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
}

# DNS, both directions of the permission: out of the pods, into CoreDNS.
resource "aws_vpc_security_group_egress_rule" "dns" {
  for_each = toset(["tcp", "udp"])

  security_group_id            = aws_security_group.payments.id
  referenced_security_group_id = var.cluster_security_group_id
  ip_protocol                  = each.key
  from_port                    = 53
  to_port                      = 53
}

resource "aws_vpc_security_group_ingress_rule" "dns" {
  for_each = toset(["tcp", "udp"])

  security_group_id            = var.cluster_security_group_id
  referenced_security_group_id = aws_security_group.payments.id
  ip_protocol                  = each.key
  from_port                    = 53
  to_port                      = 53
}

# The reason for all this: these pods, and no others, may reach the database.
resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.payments.id
  referenced_security_group_id = var.database_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = var.database_security_group_id
  referenced_security_group_id = aws_security_group.payments.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
