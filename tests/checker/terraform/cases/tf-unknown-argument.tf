resource "aws_eks_cluster" "lab" {
  name         = "lab"
  role_arn     = "arn:aws:iam::111122223333:role/x"
  kubernetes_version = "1.36" # finds

  vpc_config {
    subnets    = [] # finds
    subnet_ids = []
  }

  logging { # finds
  }
}

resource "aws_route_table" "x" {
  vpc_id = "vpc-1"
  route {
    cidr    = "0.0.0.0/0" # finds
    gateway_id = "igw-1"
  }
}

resource "aws_nat_gateway" "new_in_six" {
  region            = "us-east-1"
  availability_mode = "regional"
  vpc_id            = "vpc-1"
}

resource "aws_eks_addon" "loops" {
  cluster_name = "lab"
  addon_name   = "vpc-cni"

  dynamic "pod_identity_association" {
    for_each = ["a"]
    service_account = "a" # finds
    content {
      service_account = pod_identity_association.value
      role_arn        = "arn"
    }
  }
}
