resource "aws_eks_node_group" "old" {
  ami_type = "AL2_x86_64" # finds
}

resource "aws_eks_node_group" "good" {
  ami_type = "AL2023_x86_64_STANDARD"
}
