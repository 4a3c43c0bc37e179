resource "aws_eks_node_group" "fights" {
  scaling_config {
    desired_size = 2 # finds
  }
}

resource "aws_eks_node_group" "good" {
  scaling_config {
    desired_size = 2
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}
