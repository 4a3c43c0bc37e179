data "aws_iam_policy_document" "trust" {
  statement { # finds
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/E"]
    }
    condition {
      test     = "StringLike"
      variable = "oidc.eks.us-east-1.amazonaws.com/id/E:sub"
      values   = ["system:serviceaccount:*:reader"]
    }
  }

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/E"]
    }
    condition {
      test     = "StringLike"
      variable = "oidc.eks.us-east-1.amazonaws.com/id/E:sub"
      values   = ["system:serviceaccount:reports:*"]
    }
  }
}
