"""The plan of a training: batches, epochs, splits, and when it ends."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.plan import (
    endless_training,
    few_updates,
    impatient_stopping,
    large_batch,
    repeated_batch,
    single_epoch,
    single_pass_pretraining,
    small_batch_normalization,
    untruncated_recurrence,
    unvalidated_training,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    small_batch_normalization.RULE,  # B101
    large_batch.RULE,  # B102
    few_updates.RULE,  # B103
    single_epoch.RULE,  # B104
    endless_training.RULE,  # B105
    unvalidated_training.RULE,  # B106
    untruncated_recurrence.RULE,  # B107
    single_pass_pretraining.RULE,  # B108
    repeated_batch.RULE,  # B109
    impatient_stopping.RULE,  # B110
)
