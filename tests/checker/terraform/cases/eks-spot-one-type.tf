resource "aws_eks_node_group" "one" {
  capacity_type  = "SPOT"
  instance_types = ["m7i.large"] # finds
}

resource "aws_eks_node_group" "good" {
  capacity_type  = "SPOT"
  instance_types = ["m7i.large", "m6i.large"]
}
