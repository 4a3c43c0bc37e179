output "cluster_name" {
  description = "Name for aws and kubectl."
  value       = aws_eks_cluster.lab.name
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = aws_eks_cluster.lab.endpoint
}

output "kubeconfig_command" {
  description = "Run this once to reach the cluster with kubectl."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${aws_eks_cluster.lab.name}"
}

output "nat_addresses" {
  description = "Addresses the nodes show to the internet, for allow lists elsewhere."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "node_role_arn" {
  description = "Role of the nodes, for Karpenter or further node groups."
  value       = aws_iam_role.node.arn
}
