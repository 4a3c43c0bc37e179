terraform {
  backend "s3" {
    bucket       = "lab-terraform-state-111122223333"
    key          = "eks/lab/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}
