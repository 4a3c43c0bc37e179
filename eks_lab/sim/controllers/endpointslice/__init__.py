"""Keeps the EndpointSlices of Services."""
