resource "aws_launch_template" "older" {
  user_data = base64encode("#!/bin/bash\n/etc/eks/bootstrap.sh lab\n") # finds
}

resource "aws_launch_template" "good" {
  user_data = base64encode("apiVersion: node.eks.aws/v1alpha1")
}
