locals {
  addons_before_nodes = toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
  addons_after_nodes  = toset(["coredns", "aws-ebs-csi-driver", "metrics-server", "eks-node-monitoring-agent"])
}

data "aws_eks_addon_version" "default" {
  for_each = setunion(local.addons_before_nodes, local.addons_after_nodes)

  addon_name         = each.key
  kubernetes_version = var.kubernetes_version
}

# DaemonSets that a node needs before it can be Ready.
resource "aws_eks_addon" "before_nodes" {
  for_each = local.addons_before_nodes

  cluster_name                = aws_eks_cluster.lab.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.default[each.key].version
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = contains(keys(local.pod_roles), each.key) ? [local.pod_roles[each.key]] : []

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.pod[each.key].arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.pod]
}

# Add-ons with Deployments: they are not healthy until their pods have somewhere to run.
resource "aws_eks_addon" "after_nodes" {
  for_each = local.addons_after_nodes

  cluster_name                = aws_eks_cluster.lab.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.default[each.key].version
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = contains(keys(local.pod_roles), each.key) ? [local.pod_roles[each.key]] : []

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.pod[each.key].arn
    }
  }

  depends_on = [
    aws_eks_node_group.general,
    aws_iam_role_policy_attachment.pod,
  ]
}
