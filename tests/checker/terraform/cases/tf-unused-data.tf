data "aws_region" "used" {}

data "aws_caller_identity" "unused" {} # finds

output "it" {
  value = data.aws_region.used.id
}
