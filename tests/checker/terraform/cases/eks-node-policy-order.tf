resource "aws_iam_role" "node" {}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
}

resource "aws_eks_node_group" "hasty" { # finds
  node_role_arn = aws_iam_role.node.arn
}

resource "aws_eks_node_group" "good" {
  node_role_arn = aws_iam_role.node.arn
  depends_on    = [aws_iam_role_policy_attachment.worker]
}
