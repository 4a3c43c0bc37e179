"""The simulated AWS account around the clusters: moto, extended with EKS and with what the course depends on."""
