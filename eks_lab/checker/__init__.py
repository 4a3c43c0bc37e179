"""The critic: Terraform, manifests and IAM policies judged offline, each finding with its line and its fix."""
