"""What networks for sequences share: what a sequence is, and how its steps become vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError

__all__ = ["Steps", "some_dropout", "step_shape", "through"]


def step_shape(kind: str, input_shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many steps a sequence has, and numbers a step: (L, 1) for tokens and single numbers [N, L].

    Raises ConfigError where the examples are no sequences, naming the model's `kind`.
    """
    match input_shape:
        case (steps,):
            return steps, 1
        case (steps, features):
            return steps, features
        case _:
            raise ConfigError(
                f"model.kind is '{kind}', which needs sequences of shape (steps,) or (steps, features), but an example"
                f" of this data has shape {input_shape}; use model.kind 'cnn' or 'mlp', or a source of sequences"
            )


class Steps(nn.Module):
    """Brings inputs to [N, L, width]: tokens int64 [N, L] by a table; numbers float32 [N, L] or [N, L, F] as they
    are, or through a linear layer where another width is asked for."""

    def __init__(self, *, vocabulary: int, features: int, width: int, projects: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width) if vocabulary else None
        self.projection = nn.Linear(features, width) if projects and not vocabulary else None
        self.width = width if vocabulary or projects else features

    def forward(self, inputs: Tensor) -> Tensor:
        if self.table is not None:
            found: Tensor = self.table(inputs)
            return found
        numbers = inputs.unsqueeze(-1) if inputs.ndim == 2 else inputs
        return numbers if self.projection is None else torch.as_tensor(self.projection(numbers))


def through(values: Tensor, *layers: nn.Module | None) -> Tensor:
    """Return what layers make of values, one after the other; None stands for one that would do nothing."""
    for layer in layers:
        values = values if layer is None else layer(values)
    return values


def some_dropout(share: float) -> nn.Module | None:
    """Return a layer that drops a share of what comes in, or None for a share of 0."""
    return nn.Dropout(share) if share > 0 else None
