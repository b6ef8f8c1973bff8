"""What the past says of a config: the runs of its recipe, with whose code and data, and the run before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from logbook.history.versions import effective_changes
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.config.identity import Frozen, thaw
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.provenance import CodeRecord, FingerprintRecord
from logbook_schemas.records.runs import HistoryRecord, PastRun, PreviousRun, RunSummary

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.store.reader import Reader

__all__ = ["read_history"]

_MOST = 50
"""Runs looked at: a person who repeats one recipe more often than this has heard it."""


def read_history(
    reader: Reader,
    name: str,
    frozen: Frozen,
    *,
    seed: int,
    fold: int | None,
    code: CodeRecord | None,
    data: FingerprintRecord | None,
) -> HistoryRecord:
    """Return the runs of a recipe, newest first, and the run of the same name before it.

    Code and data compare as None where either side is unknown.
    """
    found = reader.find_recipe(frozen.recipe_hash)[:_MOST]
    return HistoryRecord(
        same_recipe=tuple(_past_run(reader, one, seed, fold, code, data) for one in found),
        previous=_previous(reader, name, frozen),
    )


def _previous(reader: Reader, name: str, frozen: Frozen) -> PreviousRun | None:
    newest = reader.runs(name=name, limit=1)
    if not newest or newest[0].recipe_hash == frozen.recipe_hash:
        return None
    before = reader.frozen(newest[0].config_hash)
    return PreviousRun(
        id=newest[0].id,
        status=newest[0].status,
        outcome=newest[0].outcome,
        changes=_changed(json.loads(before), json.loads(frozen.body)),
        depth=_depth(before),
    )


def _changed(before: dict[str, JsonValue], now: dict[str, JsonValue]) -> tuple[str, ...]:
    """Return the paths that differ; where a kind differs, all that comes with it is one change."""
    paths = [change.path for change in effective_changes(before, now)]
    kinds = [path.removesuffix(".kind") for path in paths if path.endswith(".kind")]
    outermost = [next((kind for kind in sorted(kinds) if f"{path}.".startswith(f"{kind}.")), path) for path in paths]
    return tuple(dict.fromkeys(outermost))


def _depth(body: bytes) -> int | None:
    try:
        config = thaw(body)
    except ValidationError:  # of a later release: what it means isn't known here
        return None
    layers = hidden_layers(config.model) if isinstance(config, RunConfig) else None
    return layers.depth if layers else None


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
