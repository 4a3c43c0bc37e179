resource "aws_eks_cluster" "lab" {}

resource "aws_eks_pod_identity_association" "app" {
  service_account = "app"
}

resource "aws_eks_addon" "agent" {
  addon_name = "eks-pod-identity-agent"
}
