resource "aws_eks_node_group" "odd" {
  scaling_config {
    min_size     = 3
    desired_size = 2 # finds
    max_size     = 5
  }
}

resource "aws_eks_node_group" "good" {
  scaling_config {
    min_size     = 1
    desired_size = 2
    max_size     = 5
  }
}
