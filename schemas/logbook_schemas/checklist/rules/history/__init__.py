"""What was tried before."""
