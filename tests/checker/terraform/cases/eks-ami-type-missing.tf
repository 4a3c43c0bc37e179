resource "aws_eks_node_group" "silent" { # finds
}

resource "aws_eks_node_group" "good" {
  ami_type = "AL2023_x86_64_STANDARD"
}

resource "aws_launch_template" "own" {
  image_id = "ami-1"
}

resource "aws_eks_node_group" "own_image" {
  launch_template {
    id      = aws_launch_template.own.id
    version = "1"
  }
}
