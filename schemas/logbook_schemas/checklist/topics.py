"""What the letter of a rule's code stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["TOPICS", "topic_of"]

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "B": "batches",
        "D": "data",
        "E": "evaluation",
        "G": "gradients",
        "H": "history",
        "I": "initial-weights",
        "L": "learning-rate",
        "M": "model",
        "R": "regularization",
        "T": "curves",
    }
)
"""Letter to topic: batches and plan; gradients, activations and updates by layer; learning rate and optimizer; model,
loss and wiring; training curves."""


def topic_of(code: str) -> str:
    """Return the topic of a rule's code: `data` for D101."""
    return TOPICS.get(code[:1], "")
