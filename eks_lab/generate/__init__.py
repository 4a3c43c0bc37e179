"""Terraform and manifests from typed choices. Every line that has a reason can say it."""
