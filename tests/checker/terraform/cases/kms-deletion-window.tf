resource "aws_kms_key" "cluster" {
  deletion_window_in_days = 7 # finds
}

resource "aws_kms_key" "other" {
  deletion_window_in_days = 7
}

resource "aws_kms_key" "good" {
  deletion_window_in_days = 30
}

resource "aws_eks_cluster" "lab" {
  encryption_config {
    provider {
      key_arn = aws_kms_key.cluster.arn
    }
  }
}

resource "aws_eks_cluster" "good" {
  encryption_config {
    provider {
      key_arn = aws_kms_key.good.arn
    }
  }
}
