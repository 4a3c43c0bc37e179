resource "aws_iam_role" "wrong" {
  assume_role_policy = jsonencode({ # finds
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_eks_cluster" "lab" {
  role_arn = aws_iam_role.wrong.arn
}

data "aws_iam_policy_document" "node" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "right" {
  assume_role_policy = data.aws_iam_policy_document.node.json
}

resource "aws_eks_node_group" "nodes" {
  node_role_arn = aws_iam_role.right.arn
}
