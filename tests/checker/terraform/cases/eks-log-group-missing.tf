resource "aws_eks_cluster" "lab" {
  enabled_cluster_log_types = ["api", "audit", "authenticator"] # finds
}
