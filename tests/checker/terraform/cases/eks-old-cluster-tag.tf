resource "aws_vpc" "old" {
  tags = { "kubernetes.io/cluster/lab" = "shared" } # finds
}

resource "aws_vpc" "good" {
  tags = { Name = "lab" }
}
