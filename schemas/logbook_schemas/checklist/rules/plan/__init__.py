"""The plan of a training: batches, epochs, splits, and when it ends."""
