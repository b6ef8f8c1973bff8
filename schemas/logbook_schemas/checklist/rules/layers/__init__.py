"""Rules on what happens in single layers while a network trains."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.layers import (
    dead_units,
    drifting_weight_variance,
    exploding_gradients,
    large_updates,
    masked_explosion,
    saturated_units,
    tiny_updates,
    unchanged_parameters,
    vanishing_gradients,
    zero_gradients,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    dead_units.RULE,  # G201
    saturated_units.RULE,  # G202
    vanishing_gradients.RULE,  # G203
    exploding_gradients.RULE,  # G204
    zero_gradients.RULE,  # G205
    unchanged_parameters.RULE,  # G206
    masked_explosion.RULE,  # G207
    drifting_weight_variance.RULE,  # G208
    tiny_updates.RULE,  # G209
    large_updates.RULE,  # G210
)
