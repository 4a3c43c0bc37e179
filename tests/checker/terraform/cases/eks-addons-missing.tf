resource "aws_eks_cluster" "bare" { # finds
}
