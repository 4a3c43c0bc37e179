resource "aws_eks_cluster" "half" {
  compute_config { # finds
    enabled = true
  }
}

resource "aws_eks_cluster" "whole" {
  compute_config {
    enabled = true
  }
  storage_config {
    block_storage {
      enabled = true
    }
  }
  kubernetes_network_config {
    elastic_load_balancing {
      enabled = true
    }
  }
}
