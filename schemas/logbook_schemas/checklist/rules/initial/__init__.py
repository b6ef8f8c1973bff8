"""Rules on the weights that a network begins with, and on what they do to its first signals."""
