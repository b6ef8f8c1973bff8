"""What was tried before."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.history import (
    deeper_after_failure,
    repeated_dead_end,
    repeated_run,
    several_changes,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    repeated_dead_end.RULE,  # H101
    repeated_run.RULE,  # H102
    deeper_after_failure.RULE,  # H103
    several_changes.RULE,  # H104
)
