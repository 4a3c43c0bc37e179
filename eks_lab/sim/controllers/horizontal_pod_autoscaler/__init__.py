"""Sets the size of a workload by what its pods use."""
