"""Optimizers: torch's own where it has them, and three small ones that it lacks."""

from logbook.training.optimizers.building import build_optimizer, has_sparse_gradients, needs_closure
from logbook.training.optimizers.restoring import restore_optimizer

__all__ = ["build_optimizer", "has_sparse_gradients", "needs_closure", "restore_optimizer"]
