# What the nodes of Karpenter need. The controller has a role of its own.
resource "aws_iam_role" "karpenter_node" {
  name               = "${var.cluster_name}-karpenter-node"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
}

resource "aws_iam_role_policy_attachment" "karpenter_node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.karpenter_node.name
  policy_arn = "${local.managed_policy}/${each.key}"
}

# Managed node groups get such an entry from EKS. These nodes do not.
resource "aws_eks_access_entry" "karpenter_node" {
  cluster_name  = aws_eks_cluster.lab.name
  principal_arn = aws_iam_role.karpenter_node.arn
  type          = "EC2_LINUX"
}

# EKS made this group, so a separate resource adds the tag.
resource "aws_ec2_tag" "cluster_security_group_discovery" {
  resource_id = aws_eks_cluster.lab.vpc_config[0].cluster_security_group_id
  key         = "karpenter.sh/discovery"
  value       = var.cluster_name
}
