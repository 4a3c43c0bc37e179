resource "aws_eks_cluster" "default" {
  vpc_config { # finds
    subnet_ids = []
  }
}

resource "aws_eks_cluster" "world" {
  vpc_config {
    public_access_cidrs = ["0.0.0.0/0"] # finds
  }
}

resource "aws_eks_cluster" "limited" {
  vpc_config {
    public_access_cidrs = ["198.18.7.0/24"]
  }
}

resource "aws_eks_cluster" "private" {
  vpc_config {
    endpoint_public_access = false
  }
}
