resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn"
  vpc_config = { # finds
    subnet_ids = []
  }
  tags { # finds
    Name = "x"
  }
}

resource "aws_eks_cluster" "good" {
  name     = "lab"
  role_arn = "arn"
  vpc_config {
    subnet_ids = []
  }
  tags = {
    Name = "x"
  }
}
