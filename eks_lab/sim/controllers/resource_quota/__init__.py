"""Counts what a namespace uses of its quotas."""
