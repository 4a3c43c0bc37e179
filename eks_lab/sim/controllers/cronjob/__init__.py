"""Starts a Job whenever a schedule says so."""
