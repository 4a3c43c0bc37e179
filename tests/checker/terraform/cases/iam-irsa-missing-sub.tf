locals {
  issuer = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
}

resource "aws_iam_role" "open" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { # finds
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/${local.issuer}" }
        Condition = { StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/${local.issuer}" }
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = "system:serviceaccount:reports:reader"
          }
        }
      },
    ]
  })
}
