resource "aws_eks_addon" "ebs" {
  addon_name = "aws-ebs-csi-driver"

  pod_identity_association {
    service_account = "ebs-csi-controller-sa"
    role_arn        = "arn:aws:iam::111122223333:role/ebs"
  }
}
