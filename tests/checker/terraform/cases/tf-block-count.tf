resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn"
  vpc_config {
    subnet_ids = []
  }
  vpc_config { # finds
    subnet_ids = []
  }
}

resource "aws_eks_node_group" "many_taints" {
  cluster_name  = "lab"
  node_role_arn = "arn"
  subnet_ids    = []
  scaling_config {
    min_size     = 1
    max_size     = 1
    desired_size = 1
  }
  taint {
    key    = "a"
    effect = "NO_SCHEDULE"
  }
  taint {
    key    = "b"
    effect = "NO_SCHEDULE"
  }
}
