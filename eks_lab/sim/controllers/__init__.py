"""Controllers, one folder each: they meet in the store and never import one another."""
