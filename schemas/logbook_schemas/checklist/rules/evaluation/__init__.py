"""What the training was worth."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.evaluation import (
    chance_level,
    dominating_output,
    forgotten_beginning,
    no_better_than_baseline,
    suspiciously_good_validation,
    unlike_in_evaluation,
    unmeasured_in_task_units,
    unscaled_predictions,
    verbatim_copy,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    no_better_than_baseline.RULE,  # E101
    chance_level.RULE,  # E102
    unscaled_predictions.RULE,  # E103
    unlike_in_evaluation.RULE,  # E104
    verbatim_copy.RULE,  # E105
    suspiciously_good_validation.RULE,  # E106
    unmeasured_in_task_units.RULE,  # E107
    dominating_output.RULE,  # E108
    forgotten_beginning.RULE,  # E109
)
