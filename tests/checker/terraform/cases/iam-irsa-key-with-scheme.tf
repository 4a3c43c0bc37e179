data "aws_iam_policy_document" "trust" {
  statement { # finds
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.lab.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${aws_eks_cluster.lab.identity[0].oidc[0].issuer}:sub"
      values   = ["system:serviceaccount:a:b"]
    }
  }

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.lab.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(aws_eks_cluster.lab.identity[0].oidc[0].issuer, "https://", "")}:sub"
      values   = ["system:serviceaccount:a:b"]
    }
  }
}
