"""Instance types, branch ENIs and prices."""
