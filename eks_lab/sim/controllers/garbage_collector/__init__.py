"""Deletes what has lost its owners, and finishes foreground and orphan deletions."""
