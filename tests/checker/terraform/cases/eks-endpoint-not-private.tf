resource "aws_eks_cluster" "default" {
  vpc_config { # finds
    public_access_cidrs = ["198.18.7.0/24"]
  }
}

resource "aws_eks_cluster" "good" {
  vpc_config {
    endpoint_private_access = true
  }
}
