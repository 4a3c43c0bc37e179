resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "door" {
  vpc_id = aws_vpc.main # finds
}

resource "aws_subnet" "many" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_nat_gateway" "out" {
  subnet_id     = aws_subnet.many # finds
  allocation_id = aws_eip.out[*].id # finds
}

resource "aws_eip" "out" {
  count = 1
  tags = {
    Name = "for ${aws_vpc.main}" # finds
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.out # finds
  }
}

resource "aws_route_table" "written_as_list" {
  vpc_id = aws_vpc.main.id
  route = [{
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.door # finds
  }]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.door.id
  }
}

resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = aws_iam_role.cluster # finds

  vpc_config {
    subnet_ids = aws_subnet.many # finds
  }
}

resource "aws_iam_role" "cluster" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
  }
}

resource "aws_eks_node_group" "nodes" {
  cluster_name  = aws_eks_cluster.lab.name
  node_role_arn = aws_iam_role.cluster.arn
  subnet_ids    = aws_subnet.many[0].id # finds

  scaling_config {
    min_size     = 1
    max_size     = 2
    desired_size = var.unknown_here
  }
}

variable "unknown_here" {}
