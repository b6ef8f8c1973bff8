"""Rules on what happens in single layers while a network trains."""
