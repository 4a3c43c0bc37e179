resource "aws_eks_cluster" "lab" {
  bootstrap_self_managed_addons = false
}

resource "aws_eks_addon" "cni" {
  addon_name = "vpc-cni"
}

resource "aws_eks_node_group" "nodes" {
  depends_on = [aws_eks_addon.cni]
}

resource "aws_eks_addon" "dns" {
  addon_name = "coredns"
  depends_on = [aws_eks_node_group.nodes]
}
