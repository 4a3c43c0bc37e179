"""Temporary credentials: roles assumed by users, services and tokens."""
