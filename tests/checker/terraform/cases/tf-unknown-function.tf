locals {
  a = jsonencod({}) # finds
  b = jsonencode({})
  c = provider::aws::arn_parse("arn:aws:iam::111122223333:role/x")
  d = core::upper("a")
}
