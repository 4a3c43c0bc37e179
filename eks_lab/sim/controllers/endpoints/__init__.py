"""Keeps the Endpoints of Services."""
