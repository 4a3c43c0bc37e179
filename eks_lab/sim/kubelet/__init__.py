"""The kubelets of all nodes: nodes and heartbeats, pods' lives, logs, exec, usage. Nothing runs on the host."""
