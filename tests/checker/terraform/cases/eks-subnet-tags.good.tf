resource "aws_eks_cluster" "lab" {}

resource "aws_subnet" "nodes" {
  tags = merge({ Name = "a" }, { "kubernetes.io/role/internal-elb" = "1" })
}
