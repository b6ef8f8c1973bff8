"""How the losses go, epoch by epoch."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.curve import (
    constant_predictions,
    corrected_start,
    decayed_while_falling,
    diverging_loss,
    frozen_first_weights,
    ignored_class,
    loss_below_zero,
    memorized_training_set,
    nonfinite_loss,
    one_class_predictions,
    oscillating_loss,
    overwhelming_regularization,
    premature_stopping,
    rising_validation_loss,
    slowly_rising_loss,
    straight_answers,
    stuck_loss,
    sudden_drop,
    underfitting,
    unfinished_training,
    unregularized_overfitting,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    overwhelming_regularization.RULE,  # R201
    unregularized_overfitting.RULE,  # R202
    nonfinite_loss.RULE,  # T101
    stuck_loss.RULE,  # T102
    one_class_predictions.RULE,  # T103
    rising_validation_loss.RULE,  # T104
    diverging_loss.RULE,  # T105
    oscillating_loss.RULE,  # T106
    sudden_drop.RULE,  # T107
    slowly_rising_loss.RULE,  # T108
    corrected_start.RULE,  # T109
    decayed_while_falling.RULE,  # T110
    unfinished_training.RULE,  # T111
    memorized_training_set.RULE,  # T112
    ignored_class.RULE,  # T113
    constant_predictions.RULE,  # T114
    underfitting.RULE,  # T115
    loss_below_zero.RULE,  # T116
    premature_stopping.RULE,  # T117
    frozen_first_weights.RULE,  # T118
    straight_answers.RULE,  # T121
)
