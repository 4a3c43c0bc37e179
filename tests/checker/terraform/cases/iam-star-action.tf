data "aws_iam_policy_document" "rights" {
  statement { # finds
    actions   = ["*"]
    resources = ["*"]
  }

  statement { # finds
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::a/*"]
  }

  statement {
    actions   = ["s3:Get*"]
    resources = ["arn:aws:s3:::a/*"]
  }

  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}
