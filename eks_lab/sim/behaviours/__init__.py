"""What images do, as YAML: how long they take to start, what they log, use and answer, and how they end."""
