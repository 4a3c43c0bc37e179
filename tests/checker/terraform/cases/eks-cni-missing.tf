resource "aws_eks_cluster" "bare" {
  bootstrap_self_managed_addons = false # finds
}
