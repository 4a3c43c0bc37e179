# The same two roles for every cluster of the fleet; instantiated once a cluster.

variable "cluster_name" {
  type = string
}

locals {
  grants = {
    "arn:aws:iam::111122223333:role/platform-admins" = "AmazonEKSClusterAdminPolicy"
    "arn:aws:iam::111122223333:role/developers"      = "AmazonEKSViewPolicy"
  }
}

resource "aws_eks_access_entry" "fleet" {
  for_each = local.grants

  cluster_name  = var.cluster_name
  principal_arn = each.key
}

resource "aws_eks_access_policy_association" "fleet" {
  for_each = local.grants

  cluster_name  = aws_eks_access_entry.fleet[each.key].cluster_name
  principal_arn = each.key
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/${each.value}"

  access_scope {
    type = "cluster"
  }
}
