"""Finds a node for every pod, or says in the scheduler's own words why there is none."""
