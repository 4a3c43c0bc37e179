resource "aws_eks_node_group" "slow" {
  instance_types = ["t3.medium"] # finds
}

resource "aws_eks_node_group" "good" {
  instance_types = ["m7i.large", "m6i.large"]
}
