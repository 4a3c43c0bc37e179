"""Watches over nodes: heartbeats, taints, labels."""
