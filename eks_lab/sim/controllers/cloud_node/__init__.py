"""Nodes follow their instances."""
