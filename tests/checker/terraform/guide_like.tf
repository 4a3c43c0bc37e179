# A cluster with the mistakes of the course's guide, written for this test.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.23"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

data "aws_availability_zones" "usable" {
  state = "available"
}

resource "aws_vpc" "shop" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { "kubernetes.io/cluster/shop" = "shared" }
}

resource "aws_subnet" "outer" {
  count                   = 3
  vpc_id                  = aws_vpc.shop.id
  cidr_block              = cidrsubnet("10.20.0.0/16", 8, count.index)
  availability_zone       = data.aws_availability_zones.usable.names[count.index]
  map_public_ip_on_launch = true
  tags                    = { "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "inner" {
  count             = 3
  vpc_id            = aws_vpc.shop.id
  cidr_block        = cidrsubnet("10.20.0.0/16", 8, 10 + count.index)
  availability_zone = data.aws_availability_zones.usable.names[count.index]
  tags              = { "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_internet_gateway" "door" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_eip" "out" {
  domain = "vpc"
}

resource "aws_nat_gateway" "out" {
  allocation_id = aws_eip.out.id
  subnet_id     = aws_subnet.outer[0].id
}

resource "aws_route_table" "outer" {
  vpc_id = aws_vpc.shop.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.door
  }
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.shop.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.out
  }
}

resource "aws_route_table_association" "outer" {
  count          = 3
  subnet_id      = aws_subnet.outer[count.index].id
  route_table_id = aws_route_table.outer.id
}

resource "aws_route_table_association" "inner" {
  count          = 3
  subnet_id      = aws_subnet.inner[count.index].id
  route_table_id = aws_route_table.inner.id
}

resource "aws_kms_key" "data" {
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_iam_role" "plane" {
  name = "shop-plane"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "plane" {
  role       = aws_iam_role.plane.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.plane.arn
  version  = "1.29"

  vpc_config {
    subnet_ids              = aws_subnet.inner[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["203.0.113.0/24"]
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.data.arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.plane]
}

resource "aws_iam_role" "node" {
  name = "shop-node"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
}

resource "aws_iam_role_policy_attachment" "cni" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
}

resource "aws_iam_role_policy_attachment" "images" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
}

resource "aws_launch_template" "node" {
  instance_type = "t3.medium"

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 50
      encrypted   = true
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

resource "aws_eks_node_group" "shop" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "shop"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.inner[*].id

  scaling_config {
    desired_size = 3
    max_size     = 10
    min_size     = 2
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = "$Latest"
  }

  depends_on = [
    aws_iam_role_policy_attachment.worker,
    aws_iam_role_policy_attachment.cni,
    aws_iam_role_policy_attachment.images,
  ]
}
