resource "aws_eks_cluster" "lab" {
  name = "lab"
}

resource "aws_nat_gateway" "out" {
  count = 3
}

resource "aws_vpc_endpoint" "s3" {
  service_name = "com.amazonaws.eu-west-1.s3"
}
