"""Fills aggregated ClusterRoles."""
