resource "aws_eks_cluster" "bare" { # finds
}

resource "aws_eks_cluster" "good" {
  zonal_shift_config {
    enabled = true
  }
}
