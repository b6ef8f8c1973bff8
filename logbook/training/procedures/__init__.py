"""How one epoch of training is made: one file a procedure."""
