"""Rules on the weights that a network begins with, and on what they do to its first signals."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.initial import (
    fading_signal,
    growing_signal,
    identical_initial_weights,
    large_initial_bias,
    uneven_weight_variance,
    unscaled_initial_weights,
    unusual_normalization_start,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    unscaled_initial_weights.RULE,  # I101
    identical_initial_weights.RULE,  # I102
    large_initial_bias.RULE,  # I103
    fading_signal.RULE,  # I104
    growing_signal.RULE,  # I105
    uneven_weight_variance.RULE,  # I106
    unusual_normalization_start.RULE,  # I107
)
