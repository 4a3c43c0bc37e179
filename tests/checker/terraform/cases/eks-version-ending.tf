resource "aws_eks_cluster" "soon" {
  version = "1.34" # finds
}

resource "aws_eks_cluster" "good" {
  version = "1.35"
}
