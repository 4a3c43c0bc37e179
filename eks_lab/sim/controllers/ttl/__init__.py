"""Deletes finished jobs and old events when their time has come."""
