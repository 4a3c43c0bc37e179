resource "aws_eks_cluster" "none" { # finds
}

resource "aws_eks_cluster" "no_audit" {
  enabled_cluster_log_types = ["api", "authenticator"] # finds
}

resource "aws_eks_cluster" "good" {
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
}
