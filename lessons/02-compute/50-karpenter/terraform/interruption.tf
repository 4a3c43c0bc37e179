variable "cluster_name" {
  type    = string
  default = "lab"
}

locals {
  interruption_events = {
    spot   = { source = "aws.ec2", type = "EC2 Spot Instance Interruption Warning" }
    state  = { source = "aws.ec2", type = "EC2 Instance State-change Notification" }
    rebal  = { source = "aws.ec2", type = "EC2 Instance Rebalance Recommendation" }
    health = { source = "aws.health", type = "AWS Health Event" }
  }
}

resource "aws_sqs_queue" "karpenter" {
  name                      = "${var.cluster_name}-karpenter"
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "karpenter_queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.karpenter.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.karpenter : rule.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "karpenter" {
  queue_url = aws_sqs_queue.karpenter.id
  policy    = data.aws_iam_policy_document.karpenter_queue.json
}

resource "aws_cloudwatch_event_rule" "karpenter" {
  for_each = local.interruption_events

  name = "${var.cluster_name}-karpenter-${each.key}"

  event_pattern = jsonencode({
    source        = [each.value.source]
    "detail-type" = [each.value.type]
  })
}

resource "aws_cloudwatch_event_target" "karpenter" {
  for_each = local.interruption_events

  rule = aws_cloudwatch_event_rule.karpenter[each.key].name
  arn  = aws_sqs_queue.karpenter.arn
}
