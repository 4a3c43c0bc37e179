"""kind and LocalStack in containers, and our own daemon as the one door to AWS before them (docs/adr/0010-backends.md)."""
