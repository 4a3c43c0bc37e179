terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "admin_role_arn" {
  description = "Role of the platform team, which administers the cluster."
  type        = string
}

variable "office_cidrs" {
  description = "Networks from which people reach the API server; the pipeline fills them in."
  type        = list(string)
}
