resource "aws_route_table_association" "neither" { # finds
  route_table_id = "rtb-1"
}

resource "aws_route_table_association" "good" {
  route_table_id = "rtb-1"
  subnet_id      = "subnet-1"
}

resource "aws_iam_role" "both" {
  name        = "a"
  name_prefix = "b" # finds
}

resource "aws_iam_role" "good" {
  name        = var.name
  name_prefix = var.name == null ? "b" : null
}

resource "aws_vpc_security_group_ingress_rule" "both" {
  security_group_id            = "sg-1"
  ip_protocol                  = "-1"
  cidr_ipv4                    = "10.0.0.0/8"
  referenced_security_group_id = aws_security_group.other.id # finds
}

resource "aws_eks_node_group" "both" {
  update_config {
    max_unavailable            = 1
    max_unavailable_percentage = 33 # finds
  }
}

resource "aws_eks_node_group" "good" {
  node_group_name_prefix = "general-"

  update_config {
    max_unavailable_percentage = 33
  }
}
