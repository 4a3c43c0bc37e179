"""The AWS API on loopback: requests are read, identified, decided by IAM and answered by a service."""
