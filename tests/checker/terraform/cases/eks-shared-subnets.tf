resource "aws_subnet" "all" {
  count = 3
}

resource "aws_eks_cluster" "lab" {
  vpc_config {
    subnet_ids = aws_subnet.all[*].id # finds
  }
}

resource "aws_eks_node_group" "nodes" {
  subnet_ids = aws_subnet.all[*].id
}
