"""The critic of Kubernetes manifests: what would be refused, what would hurt, and what to write instead."""

from eks_lab.checker.manifests.judge import RULES, check_manifests

__all__ = ["RULES", "check_manifests"]
