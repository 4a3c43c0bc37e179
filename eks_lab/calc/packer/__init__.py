"""Pods onto nodes: manifests in, the nodes Karpenter or the Cluster Autoscaler would run out.

Pure like everything in `eks_lab.calc`: no clock, no chance, no files. YAML text comes in as text.
"""
