locals {
  names = toset(["vpc-cni", "kube-proxy", "coredns"])
}

resource "aws_eks_cluster" "lab" {
  bootstrap_self_managed_addons = false
}

resource "aws_eks_addon" "all" {
  for_each   = local.names
  addon_name = each.key
}
