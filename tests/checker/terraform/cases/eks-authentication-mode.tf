resource "aws_eks_cluster" "none" { # finds
}

resource "aws_eks_cluster" "old" {
  access_config {
    authentication_mode = "CONFIG_MAP" # finds
  }
}

resource "aws_eks_cluster" "good" {
  access_config {
    authentication_mode = "API"
  }
}
