resource "aws_eks_node_group" "nodes" {
  cluster_name  = "lab"
  node_role_arn = ["arn"] # finds
  subnet_ids    = "subnet-1" # finds

  scaling_config {
    min_size     = "two" # finds
    max_size     = "3"
    desired_size = 2
  }
}

resource "aws_vpc" "main" {
  cidr_block         = "10.0.0.0/16"
  enable_dns_support = "yes" # finds
  tags               = { Name = ["a"] } # finds
}

variable "zones" {
  type    = list(string)
  default = "a" # finds
}

variable "said" {
  type        = string
  description = ["a"] # finds
  sensitive   = true
}

variable "fine" {
  type    = map(number)
  default = { a = 1, b = "2" }
}
