data "aws_iam_policy_document" "rights" {
  statement { # finds
    actions   = ["ec2:TerminateInstances"]
    resources = ["*"]
  }

  statement {
    actions   = ["ec2:DescribeInstances", "ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ec2:TerminateInstances"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/karpenter.sh/nodepool"
      values   = ["general"]
    }
  }
}
