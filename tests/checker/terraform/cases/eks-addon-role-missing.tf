resource "aws_eks_addon" "ebs" {
  addon_name = "aws-ebs-csi-driver" # finds
}
