resource "aws_eks_cluster" "auto" {
  role_arn = aws_iam_role.full.arn
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

resource "aws_iam_role" "full" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "eks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "full" {
  for_each   = toset(["Compute", "BlockStorage", "LoadBalancing", "Networking"])
  role       = aws_iam_role.full.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS${each.key}Policy"
}
