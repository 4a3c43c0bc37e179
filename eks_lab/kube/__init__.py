"""Kubernetes types: schemas of every version, names, labels, quantities, field paths. No objects, no behaviour."""
