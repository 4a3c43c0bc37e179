resource "aws_eks_cluster" "lab" {}

resource "aws_subnet" "bare" {
  tags = { Name = "a" } # finds
}
