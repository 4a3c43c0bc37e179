"""A Kubernetes control plane in memory. No wall clock, no threads, no Textual."""
