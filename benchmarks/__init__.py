"""Timings, away from the tests: machines differ, so most figures are ratios within one run."""
