resource "aws_iam_role" "node" {}
resource "aws_iam_role" "cni" {}

resource "aws_eks_node_group" "nodes" {
  node_role_arn = aws_iam_role.node.arn
}

resource "aws_iam_role_policy_attachment" "wrong" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy" # finds
}

resource "aws_iam_role_policy_attachment" "right" {
  role       = aws_iam_role.cni.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
}
