resource "aws_eks_cluster" "none" {
  vpc_config {
    endpoint_private_access = false # finds
    endpoint_public_access  = false
  }
}

resource "aws_eks_cluster" "good" {
  vpc_config {
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}
