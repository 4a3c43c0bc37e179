variable "office" {
  default = ["192.0.2.0/24"]
}

variable "home" {
  default = ["198.18.7.4/32"]

  validation {
    condition     = !contains(var.home, "203.0.113.0/24")
    error_message = "Not this one."
  }
}

resource "aws_eks_cluster" "literal" {
  vpc_config {
    public_access_cidrs = ["203.0.113.0/24", "198.18.7.0/24"] # finds
  }
}

resource "aws_eks_cluster" "through_variable" {
  vpc_config {
    public_access_cidrs = var.office # finds
  }
}

resource "aws_vpc_security_group_ingress_rule" "six" {
  security_group_id = "sg-1"
  ip_protocol       = "-1"
  cidr_ipv6         = "2001:db8::/48" # finds
}

resource "aws_eks_cluster" "good" {
  vpc_config {
    public_access_cidrs = var.home
  }
}
