"""Says that policies were seen."""
