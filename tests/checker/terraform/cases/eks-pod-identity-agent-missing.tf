resource "aws_eks_cluster" "lab" {}

resource "aws_eks_pod_identity_association" "app" { # finds
  service_account = "app"
}
