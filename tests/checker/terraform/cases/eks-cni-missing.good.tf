resource "aws_eks_cluster" "lab" {
  bootstrap_self_managed_addons = false
}

resource "aws_eks_addon" "cni" {
  addon_name = "vpc-cni"
}
