"""metrics.k8s.io is served while metrics-server is ready."""
