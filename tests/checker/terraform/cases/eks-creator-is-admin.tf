resource "aws_eks_cluster" "default" {
  access_config { # finds
    authentication_mode = "API"
  }
}

resource "aws_eks_cluster" "good" {
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
}
