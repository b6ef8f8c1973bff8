"""How the outputs of a model and its loss fit together, by what was measured; rules of the start moment share it."""

from __future__ import annotations

import math

from logbook_schemas.checklist.output_pairs import mismatch
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.measures import StartRecord

__all__ = ["gives_probabilities", "is_named_before", "is_single_softmax", "is_softmax_over_rows", "lowest_loss"]

_EDGE = 1e-3
"""How far a bound may be from 0 or 1 to be that."""


def is_named_before(evidence: Evidence) -> bool:
    """Say whether the config alone shows that output activation and loss don't fit: that is the finding then."""
    return evidence.config is not None and mismatch(evidence.config, evidence.data) is not None


def gives_probabilities(start: StartRecord) -> bool:
    """Say whether outputs are probabilities: rows that sum to 1, or bounds at 0 and 1."""
    low, high = start.behaviour.low, start.behaviour.high
    within = low is not None and high is not None and low >= -_EDGE and high <= 1 + _EDGE
    return bool(start.outputs_sum_to_one) or within


def is_softmax_over_rows(start: StartRecord) -> bool:
    """Say whether softmax runs along the rows of the batch, in the model or in the loss."""
    return bool(start.behaviour.columns_sum_to_one or start.loss.normalizes_batch)


def is_single_softmax(start: StartRecord) -> bool:
    """Say whether the model ends with softmax, or its logarithm, over a single output."""
    always = 0.0 if start.loss.takes == "log-probabilities" else 1.0
    return start.output_shape in ((), (1,)) and start.behaviour.constant == always


def lowest_loss(start: StartRecord) -> float | None:
    """Return what a loss on raw outputs can fall to, given the bounds of the outputs; None where they have none."""
    low, high = start.behaviour.low, start.behaviour.high
    if len(start.output_shape) > 1:
        return None
    classes = start.output_shape[0] if start.output_shape else 1
    if start.class_targets is not None and classes > 1:
        return None if low is None or high is None else math.log1p((classes - 1) * math.exp(low - high))
    below = 0.0 if low is None else math.log1p(math.exp(low))
    above = 0.0 if high is None else math.log1p(math.exp(-high))
    return max(below, above)
