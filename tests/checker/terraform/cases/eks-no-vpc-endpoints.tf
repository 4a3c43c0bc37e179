resource "aws_eks_cluster" "lab" {
  name = "lab"
}

resource "aws_nat_gateway" "out" { # finds
  count = 3
}
