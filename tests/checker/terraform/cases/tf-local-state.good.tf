terraform {
  backend "s3" {
    key = "lab.tfstate"
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_eks_cluster" "lab" {
  name = "lab"
}
