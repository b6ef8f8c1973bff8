"""Code as people write it for themselves: the data, networks, losses and optimizers that the programs name."""
