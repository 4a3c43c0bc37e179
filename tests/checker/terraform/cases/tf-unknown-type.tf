resource "aws_eks_clutser" "x" {} # finds

resource "aws_eks_cluster_auth" "x" { # finds
  name = "lab"
}

data "aws_eks_cluster_auth" "x" {
  name = "lab"
}

resource "aws_wafv2_web_acl" "not_on_record" {
  anything = "goes"
}

resource "kubernetes_namespace" "other_provider" {
  anything = "goes"
}
