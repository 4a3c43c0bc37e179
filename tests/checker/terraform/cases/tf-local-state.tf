provider "aws" { # finds
  region = "eu-west-1"
}

resource "aws_eks_cluster" "lab" {
  name = "lab"
}
