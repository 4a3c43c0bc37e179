resource "aws_subnet" "control_plane" {
  count = 3
}

resource "aws_subnet" "nodes" {
  count = 3
}

resource "aws_eks_cluster" "lab" {
  vpc_config {
    subnet_ids = aws_subnet.control_plane[*].id
  }
}

resource "aws_eks_node_group" "nodes" {
  subnet_ids = aws_subnet.nodes[*].id
}
