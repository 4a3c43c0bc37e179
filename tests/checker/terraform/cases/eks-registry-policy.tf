resource "aws_iam_role" "node" {}

resource "aws_eks_node_group" "nodes" {
  node_role_arn = aws_iam_role.node.arn
}

resource "aws_iam_role_policy_attachment" "wide" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" # finds
}

resource "aws_iam_role_policy_attachment" "good" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
}
