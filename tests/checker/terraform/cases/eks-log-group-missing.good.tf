resource "aws_eks_cluster" "lab" {
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
}

resource "aws_cloudwatch_log_group" "lab" {
  name              = "/aws/eks/lab/cluster"
  retention_in_days = 90
}
