resource "aws_launch_template" "node" {}

resource "aws_eks_node_group" "drifts" {
  launch_template {
    id      = aws_launch_template.node.id
    version = "$Latest" # finds
  }
}

resource "aws_eks_node_group" "good" {
  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }
}
