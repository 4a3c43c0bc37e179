# What a team adds to a cluster that is there: quick to make, from six services.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }

  # Not asked on the sandbox: were it, this test would need a bucket.
  backend "s3" {
    bucket = "states-of-a-real-team"
    key    = "shop/terraform.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { team = "shop" }
  }
}

data "aws_eks_cluster" "lab" {
  name = "lab"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "orders" {
  name = "read"
  role = aws_iam_role.orders.id

  policy = templatefile("${path.module}/../shared/policy.json.tftpl", { bucket = aws_s3_bucket.orders.arn })
}

resource "aws_s3_bucket" "orders" {
  bucket = "orders-of-the-shop"
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/shop/orders"
  retention_in_days = 7
}

resource "aws_eks_pod_identity_association" "orders" {
  cluster_name    = data.aws_eks_cluster.lab.name
  namespace       = "default"
  service_account = "orders"
  role_arn        = aws_iam_role.orders.arn
}

resource "aws_eks_addon" "monitoring" {
  cluster_name = data.aws_eks_cluster.lab.name
  addon_name   = "eks-node-monitoring-agent"
}

resource "aws_security_group" "database" {
  name   = "database"
  vpc_id = data.aws_eks_cluster.lab.vpc_config[0].vpc_id

  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [data.aws_eks_cluster.lab.vpc_config[0].cluster_security_group_id]
  }
}

resource "aws_launch_template" "nodes" {
  name_prefix            = "shop-"
  update_default_version = true

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "shop" }
  }
}

output "role" {
  value = aws_iam_role.orders.arn
}
