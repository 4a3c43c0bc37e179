resource "aws_security_group" "a" {
  ingress {
    from_port       = 1
    to_port         = 1
    protocol        = "tcp"
    security_groups = [aws_security_group.b.id] # finds
  }
}

resource "aws_security_group" "b" {
  ingress {
    from_port       = 1
    to_port         = 1
    protocol        = "tcp"
    security_groups = [aws_security_group.a.id]
  }
}

locals {
  me    = local.me # finds
  first = local.second
  second = "fine"
}

resource "aws_vpc_security_group_ingress_rule" "ok" {
  security_group_id            = aws_security_group.a.id
  referenced_security_group_id = aws_security_group.b.id
  ip_protocol                  = "tcp"
}
