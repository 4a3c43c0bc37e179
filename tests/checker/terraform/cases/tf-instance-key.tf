resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "counted" {
  count      = 2
  vpc_id     = aws_vpc.one[0].id # finds
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "keyed" {
  for_each   = toset(["a"])
  vpc_id     = aws_vpc.one.id
  cidr_block = "10.0.1.0/24"
}

output "counted" {
  value = aws_subnet.counted.id # finds
}

output "keyed" {
  value = aws_subnet.keyed.id # finds
}

output "splat" {
  value = aws_subnet.keyed[*].id # finds
}

output "good" {
  value = [aws_subnet.counted[1].id, aws_subnet.keyed["a"].id, values(aws_subnet.keyed)[*].id, aws_subnet.counted[*].id]
}

resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn:aws:iam::111122223333:role/x"
  vpc_config {
    subnet_ids = []
  }
}

output "vpc" {
  value = aws_eks_cluster.lab.vpc_config.vpc_id # finds
}

output "group" {
  value = aws_eks_cluster.lab.vpc_config[0].cluster_security_group_id
}
