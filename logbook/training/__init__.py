"""Training: data to tensors, models, the loop, probes, checkpoints. The only place that imports torch."""
