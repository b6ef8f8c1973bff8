"""What the network is shown."""
