"""What the training was worth."""
