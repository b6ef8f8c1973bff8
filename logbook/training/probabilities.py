"""What a network's outputs say of each class, as probabilities; where its loss makes none of them, nothing is said."""

from __future__ import annotations

import torch
from torch import Tensor

from logbook_schemas.config.losses import Bce, BceWithLogits, CrossEntropy, Nll
from logbook_schemas.config.run import RunConfig

__all__ = ["class_probabilities"]


def class_probabilities(config: RunConfig, outputs: Tensor) -> Tensor | None:
    """Return the probability of each class, [N, C], of outputs [N, C] or, of a binary task, [N, 1].

    Of several labels an example, each column is the probability of one. None where outputs stand for something else:
    under a squared loss, or a loss of the person's own, unless the last layer makes probabilities.
    """
    likely = _likely(config, outputs)
    if likely is not None and config.task == "binary" and likely.shape[1] == 1:
        return torch.cat([1 - likely, likely], dim=1)
    return likely


def _likely(config: RunConfig, outputs: Tensor) -> Tensor | None:
    last = getattr(config.model, "output_activation", None)
    is_scaled = getattr(config.model, "output_scale", 1.0) != 1.0
    match last.kind if last is not None and not is_scaled else "none":
        case "softmax" | "sigmoid":
            return outputs
        case "log-softmax":
            return outputs.exp()
    match config.loss:
        case CrossEntropy():
            # Over several labels cross-entropy is of their shares, which are no probabilities of each.
            return None if config.task == "multilabel" else outputs.softmax(1)
        case Nll():
            return outputs.exp()
        case BceWithLogits():
            return outputs.sigmoid()
        case Bce():
            return outputs
        case _:
            return None
