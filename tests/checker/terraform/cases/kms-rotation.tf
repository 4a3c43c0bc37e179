resource "aws_kms_key" "still" { # finds
}

resource "aws_kms_key" "off" {
  enable_key_rotation = false # finds
}

resource "aws_kms_key" "good" {
  enable_key_rotation = true
}

resource "aws_kms_key" "cannot_rotate" {
  customer_master_key_spec = "RSA_2048"
}
