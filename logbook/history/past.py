"""What the past says of a recipe: the runs that had it, and whether their code and data were today's too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_schemas.records.provenance import CodeRecord, FingerprintRecord
from logbook_schemas.records.runs import HistoryRecord, PastRun, RunSummary

if TYPE_CHECKING:
    from logbook.store.reader import Reader

__all__ = ["read_history"]

_MOST = 50
"""Runs looked at: a person who repeats one recipe more often than this has heard it."""


def read_history(
    reader: Reader,
    recipe_hash: str,
    *,
    seed: int,
    fold: int | None,
    code: CodeRecord | None,
    data: FingerprintRecord | None,
) -> HistoryRecord:
    """Return the runs of a recipe, newest first; code and data compare as None where either side is unknown."""
    found = reader.find_recipe(recipe_hash)[:_MOST]
    return HistoryRecord(same_recipe=tuple(_past_run(reader, one, seed, fold, code, data) for one in found))


def _past_run(
    reader: Reader,
    summary: RunSummary,
    seed: int,
    fold: int | None,
    code: CodeRecord | None,
    data: FingerprintRecord | None,
) -> PastRun:
    began = reader.start_of_run(summary.number)
    before = reader.data_record(summary.number)
    return PastRun(
        id=summary.id,
        name=summary.name,
        version=summary.version,
        status=summary.status,
        seed=summary.seed,
        fold=began.fold,
        outcome=summary.outcome,
        outcome_reason=summary.outcome_reason,
        best_value=summary.best_value,
        monitor_metric=summary.monitor_metric,
        same_seed=summary.seed == seed,
        same_fold=began.fold == fold,
        same_code=None if code is None else began.code.identity == code.identity,
        same_data=_same(before.fingerprint if before else None, data),
    )


def _same(before: FingerprintRecord | None, now: FingerprintRecord | None) -> bool | None:
    if before is None or now is None or before.method != now.method:
        return None
    return before.value == now.value
