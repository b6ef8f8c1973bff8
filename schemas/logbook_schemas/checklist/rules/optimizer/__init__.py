"""How weights move: learning rates, and parameters that an optimizer forgets."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.optimizer import (
    accumulated_gradients,
    clipped_convolutions,
    constantly_clipped_gradients,
    early_decay,
    foreign_parameters,
    growing_learning_rate,
    learning_rate_out_of_bounds,
    learning_rate_too_high,
    learning_rate_too_low,
    minibatch_lbfgs,
    oversized_steps,
    plain_descent,
    unclipped_recurrence,
    unfinished_warmup,
    unoptimized_parameter,
    unscaled_accumulation,
    zero_learning_rate,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    learning_rate_out_of_bounds.RULE,  # L101
    unfinished_warmup.RULE,  # L102
    plain_descent.RULE,  # L103
    early_decay.RULE,  # L104
    minibatch_lbfgs.RULE,  # L105
    unscaled_accumulation.RULE,  # L106
    clipped_convolutions.RULE,  # L107
    unclipped_recurrence.RULE,  # L108
    growing_learning_rate.RULE,  # L109
    oversized_steps.RULE,  # L110
    zero_learning_rate.RULE,  # L111
    accumulated_gradients.RULE,  # L112
    unoptimized_parameter.RULE,  # L201
    foreign_parameters.RULE,  # L202
    learning_rate_too_high.RULE,  # L301
    learning_rate_too_low.RULE,  # L302
    constantly_clipped_gradients.RULE,  # L303
)
