resource "aws_subnet" "closed" {
  count = 3
}

resource "aws_eks_node_group" "nodes" {
  subnet_ids = aws_subnet.closed[*].id
}

resource "aws_vpc_endpoint" "ecr" {
  service_name = "com.amazonaws.us-east-1.ecr.api"
}
