"""How the losses go, epoch by epoch."""
