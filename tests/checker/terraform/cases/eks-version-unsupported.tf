variable "old" {
  default = "1.30"
}

resource "aws_eks_cluster" "gone" {
  version = "1.29" # finds
}

resource "aws_eks_cluster" "through_variable" {
  version = var.old # finds
}

resource "aws_eks_cluster" "never" {
  version = "1.36.1" # finds
}

resource "aws_eks_cluster" "good" {
  version = "1.36"
}
