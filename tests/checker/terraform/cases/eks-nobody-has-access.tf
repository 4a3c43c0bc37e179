resource "aws_eks_cluster" "locked" {
  access_config { # finds
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
}
