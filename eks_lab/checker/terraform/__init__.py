"""Terraform read and judged: HCL, references, types, the AWS provider's arguments, and what EKS asks for.

No provider, no network, no subprocess except in `real`, which runs the learner's own terraform.
"""
