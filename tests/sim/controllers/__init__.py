"""Tests of the simulated controllers."""
