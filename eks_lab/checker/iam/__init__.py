"""IAM policies judged: what IAM refuses, what lets too much in, and the mistakes of IRSA and Pod Identity."""
