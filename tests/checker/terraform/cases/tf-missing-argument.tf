resource "aws_eks_cluster" "lab" { # finds
  name = "lab"
  vpc_config { # finds
    endpoint_private_access = true
  }
}

resource "aws_eks_node_group" "nodes" { # finds
  cluster_name  = "lab"
  node_role_arn = "arn"
  subnet_ids    = []
}

resource "aws_eks_addon" "good" {
  cluster_name = "lab"
  addon_name   = "coredns"
}

resource "aws_eks_addon" "loops" {
  cluster_name = "lab"
  addon_name   = "vpc-cni"

  dynamic "pod_identity_association" { # finds
    for_each = ["a"]
  }

  dynamic "pod_identity_association" { # finds
    content {
      service_account = "a"
      role_arn        = "arn"
    }
  }
}
