resource "aws_iam_policy" "old" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*", Condition = { StringEquals = { "s3:prefix" = "$${aws:username}" } } }] # finds
  })
}

resource "aws_iam_policy" "good" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*", Condition = { StringEquals = { "s3:prefix" = "$${aws:username}" } } }]
  })
}
