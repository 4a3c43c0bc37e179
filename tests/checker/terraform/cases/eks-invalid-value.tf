resource "aws_eks_cluster" "lab" {
  enabled_cluster_log_types = ["api", "audits"] # finds

  access_config {
    authentication_mode = "IAM" # finds
  }
}

resource "aws_eks_node_group" "nodes" {
  capacity_type = "ONDEMAND" # finds
  ami_type      = "AL2023_x86_64_STANDARD"
}
