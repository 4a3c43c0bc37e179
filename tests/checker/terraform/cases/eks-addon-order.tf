resource "aws_eks_cluster" "lab" {
  bootstrap_self_managed_addons = false
}

resource "aws_eks_node_group" "nodes" {
  cluster_name = aws_eks_cluster.lab.name
}

resource "aws_eks_addon" "cni" {
  addon_name = "vpc-cni"
  depends_on = [aws_eks_node_group.nodes] # finds
}

resource "aws_eks_addon" "dns" { # finds
  addon_name = "coredns"
}
