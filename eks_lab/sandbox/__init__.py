"""The background process that runs a simulated account, and how commands talk to it."""
