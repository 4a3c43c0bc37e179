resource "aws_cloudwatch_log_group" "for_ever" {
  name = "/aws/eks/lab/cluster" # finds
}

resource "aws_cloudwatch_log_group" "good" {
  name              = "/aws/eks/lab/cluster"
  retention_in_days = 90
}

resource "aws_cloudwatch_log_group" "not_of_eks" {
  name = "/app"
}
