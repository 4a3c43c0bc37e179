resource "aws_eks_cluster" "bare" { # finds
}

resource "aws_eks_cluster" "good" {
  deletion_protection = true
}
