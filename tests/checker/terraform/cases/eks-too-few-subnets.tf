resource "aws_eks_cluster" "one" {
  vpc_config {
    subnet_ids = ["subnet-1"] # finds
  }
}

resource "aws_eks_cluster" "good" {
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}
