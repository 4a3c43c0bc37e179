resource "aws_eks_cluster" "open" {
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
}

resource "aws_eks_access_entry" "admins" {
  cluster_name  = aws_eks_cluster.open.name
  principal_arn = "arn:aws:iam::111122223333:role/admins"
}
