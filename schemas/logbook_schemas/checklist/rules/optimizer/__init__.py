"""How weights move: learning rates, and parameters that an optimizer forgets."""
