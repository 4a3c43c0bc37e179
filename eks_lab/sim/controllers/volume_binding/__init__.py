"""Binds claims to volumes, and frees volumes again."""
