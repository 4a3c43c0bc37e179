"""EKS Auth: credentials for pods by their Pod Identity association."""
