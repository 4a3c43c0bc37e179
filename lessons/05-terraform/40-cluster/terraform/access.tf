variable "access" {
  description = "Who may use the Kubernetes API, with which EKS access policy, and where."
  type = map(object({
    principal_arn = string
    policy        = string
    namespaces    = optional(list(string), [])
  }))

  validation {
    condition = anytrue([
      for entry in values(var.access) :
      entry.policy == "AmazonEKSClusterAdminPolicy" && length(entry.namespaces) == 0
    ])
    error_message = "Name at least one cluster-wide AmazonEKSClusterAdminPolicy: creating the cluster gives nobody access."
  }
}

resource "aws_eks_access_entry" "person" {
  for_each = var.access

  cluster_name  = aws_eks_cluster.lab.name
  principal_arn = each.value.principal_arn
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "person" {
  for_each = var.access

  cluster_name  = aws_eks_cluster.lab.name
  principal_arn = aws_eks_access_entry.person[each.key].principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = length(each.value.namespaces) > 0 ? "namespace" : "cluster"
    namespaces = length(each.value.namespaces) > 0 ? each.value.namespaces : null
  }
}
