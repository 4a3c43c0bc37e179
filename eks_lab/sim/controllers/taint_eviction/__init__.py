"""Evicts pods that do not tolerate a NoExecute taint."""
