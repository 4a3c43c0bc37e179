resource "aws_eks_addon" "old" {
  cluster_name      = "lab"
  addon_name        = "coredns"
  resolve_conflicts = "OVERWRITE" # finds
}

resource "aws_eks_addon" "new" {
  cluster_name                = "lab"
  addon_name                  = "coredns"
  resolve_conflicts_on_update = "OVERWRITE"
}
