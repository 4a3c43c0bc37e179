"""Pods whose node is gone, or out of service, are deleted."""
