"""Data, networks, losses and optimizers of the programs that were written without a look at the rules."""
