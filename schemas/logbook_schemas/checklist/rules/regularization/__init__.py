"""How training is regularized."""
