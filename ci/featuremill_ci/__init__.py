"""What differs between the repository and the cluster."""
