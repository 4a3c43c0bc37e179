"""Keeps one pod on every node that a DaemonSet is meant for."""
