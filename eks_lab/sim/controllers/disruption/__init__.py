"""Counts how many pods a PodDisruptionBudget lets go."""
