resource "aws_eks_cluster" "auto" {
  role_arn = aws_iam_role.bare.arn
  compute_config {
    enabled = true
  }
  storage_config {
    block_storage {
      enabled = true
    }
  }
  kubernetes_network_config {
    elastic_load_balancing {
      enabled = true
    }
  }
}

resource "aws_iam_role" "bare" { # finds
  assume_role_policy = jsonencode({ # finds
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }]
  })
}
