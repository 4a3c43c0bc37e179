"""Gives every namespace its default ServiceAccount, its root CA, and token Secrets their tokens."""
