resource "aws_eks_cluster" "bare" { # finds
}

resource "aws_eks_cluster" "good" {
  upgrade_policy {
    support_type = "STANDARD"
  }
}
