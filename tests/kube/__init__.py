"""Tests of eks_lab.kube."""
