resource "aws_iam_policy" "wrong" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Permit", Action = "s3:GetObject", Resource = "*" }] # finds
  })
}

resource "aws_iam_policy" "good" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }]
  })
}
