"""The EBS CSI driver with its sidecars: volumes for claims."""
