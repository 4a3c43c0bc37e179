resource "aws_eks_cluster" "dear" {
  version = "1.33" # finds
}

resource "aws_eks_cluster" "good" {
  version = "1.35"
}
