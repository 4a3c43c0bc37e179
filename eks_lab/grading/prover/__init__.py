"""Proves that a lab judges fairly: one module a rule, the runs they share, and the report."""
