"""Tests of eks_lab.checker.manifests."""
