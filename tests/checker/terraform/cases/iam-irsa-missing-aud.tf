resource "aws_iam_role" "lax" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { # finds
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = aws_iam_openid_connect_provider.lab.arn }
        Condition = { StringEquals = { "oidc.eks.us-east-1.amazonaws.com/id/E:sub" = "system:serviceaccount:a:b" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:a/b:ref:refs/heads/main" } }
      },
    ]
  })
}
