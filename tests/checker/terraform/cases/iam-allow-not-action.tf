data "aws_iam_policy_document" "rights" {
  statement { # finds
    not_actions = ["iam:*"]
    resources   = ["*"]
  }

  statement {
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
  }
}
