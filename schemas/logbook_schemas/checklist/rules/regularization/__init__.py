"""How training is regularized."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.regularization import (
    dropout_before_normalization,
    excessive_weight_decay,
    ineffective_regularization,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    excessive_weight_decay.RULE,  # R101
    ineffective_regularization.RULE,  # R102
    dropout_before_normalization.RULE,  # R103
)
