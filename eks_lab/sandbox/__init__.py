"""The background process that runs a simulated account, and how commands talk to it.

Only `client`, `launch`, `state_directory` and `kubeconfig` are for others; the rest is the process itself.
"""
