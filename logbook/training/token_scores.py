"""Language models: the loss over counted tokens, and what is kept of a whole split's outputs.

Targets are int64 [N, L], -100 where a position isn't counted. Outputs are [N, L, V]; those of a whole text would fill
the memory, so an evaluation keeps two numbers a position: the scores, [N, L, 2].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from logbook.errors import DataError, UserCodeError
from logbook.training.data import Split
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook_schemas.config.losses import CrossEntropy, Nll

__all__ = [
    "TOKENS_A_PASS",
    "counted_tokens",
    "mean_cost",
    "rows_of_tokens",
    "said_tokens",
    "scores_of",
    "token_accuracy",
    "token_loss",
]

TOKENS_A_PASS = 8192
"""Tokens of a forward pass without gradients: with 256 tokens to choose from 8 MB of outputs, with 50,000 1.6 GB."""


def counted_tokens(targets: Tensor) -> Tensor:
    """Return how many positions count, a whole number on the targets' device."""
    return (targets != NOT_COUNTED).sum()


def rows_of_tokens(split: Split, batch_size: int) -> int:
    """Return how many rows of a split make a forward pass; of a Dataset, as many as in training."""
    return batch_size if split.inputs is None else max(1, TOKENS_A_PASS // split.inputs.shape[1])


def token_loss(section: CrossEntropy | Nll, output_size: int | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the mean loss over counted tokens; 0 where none is counted.

    The loss raises UserCodeError for outputs of another shape than [N, L, V], and DataError for a target out of range
    (on the CPU; elsewhere the check would wait for the device).
    """

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        if outputs.ndim != 3 or outputs.shape[:2] != targets.shape or output_size not in (None, outputs.shape[2]):
            needed = (*targets.shape, "tokens" if output_size is None else output_size)
            raise UserCodeError(
                f"the model returned outputs of shape {tuple(outputs.shape)}, but {section.kind} over tokens needs"
                f" ({', '.join(map(str, needed))})"
            )
        flat, wanted = outputs.flatten(0, 1), targets.flatten()
        try:
            if isinstance(section, Nll):
                total = functional.nll_loss(flat, wanted, ignore_index=NOT_COUNTED, reduction="sum")
            else:
                total = functional.cross_entropy(
                    flat, wanted, ignore_index=NOT_COUNTED, reduction="sum", label_smoothing=section.label_smoothing
                )
        except IndexError as error:
            highest = int(wanted.max())
            raise DataError(
                f"a target is token {highest}, but the model has {outputs.shape[2]} outputs, for the tokens 0 to"
                f" {outputs.shape[2] - 1}"
            ) from error
        return total / counted_tokens(targets).clamp(min=1)

    return loss


@torch.no_grad()
def scores_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return, for each position, the most probable token and -log of the wanted one's probability, float32 [N, L, 2].

    The cost is 0 where nothing is counted. A position whose outputs are NaN says token -1. Tokens are exact, since
    float32 holds every whole number to 16 million.
    """
    said = outputs.argmax(-1).masked_fill(outputs.isnan().any(-1), -1)
    costs = functional.cross_entropy(
        outputs.flatten(0, 1), targets.flatten(), ignore_index=NOT_COUNTED, reduction="none"
    )
    return torch.stack([said.float(), costs.view(targets.shape)], dim=-1)


def said_tokens(scores: Tensor) -> Tensor:
    """Return the most probable tokens, int64 [N, L]."""
    return scores[..., 0].long()


def token_accuracy(scores: Tensor, targets: Tensor) -> float:
    """Return the share of counted tokens that are said."""
    is_counted = targets != NOT_COUNTED
    return (said_tokens(scores) == targets)[is_counted].double().mean().item() if is_counted.any() else math.nan


def mean_cost(scores: Tensor, targets: Tensor) -> float:
    """Return the mean cross-entropy of counted tokens in nats, whatever the loss is."""
    costs = scores[..., 1][targets != NOT_COUNTED].cpu().double()
    return costs.mean().item() if costs.numel() else math.nan
