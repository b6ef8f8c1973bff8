"""What the past says of a config: the runs of its recipe, with whose code and data, and the run before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from logbook.history.versions import effective_changes
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.config.identity import Frozen, thaw
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.provenance import CodeRecord, FingerprintRecord
from logbook_schemas.records.runs import HistoryRecord, PastRun, PreviousRun, RunSummary
from logbook_schemas.records.verdicts import standing_verdict

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.store.reader import Reader
    from logbook_schemas.records.data import DataRecord
    from logbook_schemas.records.runs import AttemptRecord, JournalEntry, StartOfRun

__all__ = ["Past", "read_history"]

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
    now = _Now(seed=seed, fold=fold, code=None if code is None else code.identity, data=data)
    newest = next(iter(reader.runs(name=name, limit=1)), None)
    return HistoryRecord(
        same_recipe=tuple(_past_run(_known(reader, one), now) for one in found),
        previous=_previous(reader, newest, frozen.recipe_hash, frozen.body),
    )


def _previous(reader: Reader, newest: RunSummary | None, recipe_hash: str, body: bytes) -> PreviousRun | None:
    if newest is None or newest.recipe_hash == recipe_hash:
        return None
    before = reader.frozen(newest.config_hash)
    return PreviousRun(
        id=newest.id,
        status=newest.status,
        outcome=newest.outcome,
        outcome_by=newest.outcome_by,
        changes=_changed(json.loads(before), json.loads(body)),
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


class Past:
    """What the past said of runs when they began, as far as the record tells; keeps what it reads of each run."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._of_recipe: dict[str, list[RunSummary]] = {}
        self._of_name: dict[str, list[RunSummary]] = {}
        self._known: dict[int, _Known] = {}

    def as_of(self, summary: RunSummary, began: StartOfRun | None, data: DataRecord | None) -> HistoryRecord:
        """Return the history that a run had when it began: outcomes and ends that came later are left out.

        How far a run had come that was still running then isn't told.
        """
        recipe = summary.recipe_hash
        if recipe not in self._of_recipe:
            self._of_recipe[recipe] = self._reader.find_recipe(recipe)
        before = [one for one in self._of_recipe[recipe] if one.number < summary.number][:_MOST]
        now = _Now(
            seed=summary.seed,
            fold=began.fold if began else None,
            code=began.code.identity if began else None,
            data=data.fingerprint if data else None,
        )
        at = summary.started_at
        return HistoryRecord(
            same_recipe=tuple(_past_run(self._look_up(one).as_of(at), now) for one in before),
            previous=self._previous_as_of(summary),
        )

    def _previous_as_of(self, summary: RunSummary) -> PreviousRun | None:
        name = summary.name
        if name not in self._of_name:
            self._of_name[name] = self._reader.runs(name=name)
        newest = next((one for one in self._of_name[name] if one.number < summary.number), None)
        known = None if newest is None else self._look_up(newest).as_of(summary.started_at).summary
        return _previous(self._reader, known, summary.recipe_hash, self._reader.frozen(summary.config_hash))

    def _look_up(self, summary: RunSummary) -> _Known:
        if summary.number not in self._known:
            self._known[summary.number] = _known(self._reader, summary, with_times=True)
        return self._known[summary.number]


@dataclass(frozen=True, kw_only=True)
class _Now:
    """What earlier runs are compared with."""

    seed: int | None
    fold: int | None
    code: str | None
    data: FingerprintRecord | None


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of an earlier run; `attempts` and `journal` say when it came to be known."""

    summary: RunSummary
    fold: int | None
    code: str
    data: FingerprintRecord | None
    attempts: tuple[AttemptRecord, ...] = ()
    journal: tuple[JournalEntry, ...] = ()

    def as_of(self, at: str) -> _Known:
        """Return what was known of the run at a point in time."""
        begun = [one for one in self.attempts if one.started_at <= at]
        since = begun[-1].started_at if begun else ""
        said = [entry for entry in self.journal if entry.at <= at and (entry.kind != "suggestion" or entry.at > since)]
        changes = _outcome(said)
        if begun and begun[-1].ended_at is not None:
            has_ended = begun[-1].ended_at <= at
            changes["status"] = begun[-1].status if has_ended else "running"
            if not has_ended or len(begun) < len(self.attempts):
                changes["best_value"] = None
        return _Known(summary=self.summary.model_copy(update=changes), fold=self.fold, code=self.code, data=self.data)


def _outcome(entries: Iterable[JournalEntry]) -> dict[str, str | None]:
    """Return what a summary says of the outcome after some entries."""
    verdict = standing_verdict((entry.kind, entry.text, entry.reason) for entry in entries)
    return {"outcome": verdict.outcome, "outcome_reason": verdict.reason, "outcome_by": verdict.by}


def _known(reader: Reader, summary: RunSummary, *, with_times: bool = False) -> _Known:
    began = reader.start_of_run(summary.number)
    data = reader.data_record(summary.number)
    return _Known(
        summary=summary,
        fold=began.fold,
        code=began.code.identity,
        data=data.fingerprint if data else None,
        attempts=reader.attempts(summary.number) if with_times else (),
        journal=reader.journal(summary.number) if with_times else (),
    )


def _past_run(known: _Known, now: _Now) -> PastRun:
    summary = known.summary
    return PastRun(
        id=summary.id,
        name=summary.name,
        version=summary.version,
        status=summary.status,
        seed=summary.seed,
        fold=known.fold,
        outcome=summary.outcome,
        outcome_reason=summary.outcome_reason,
        outcome_by=summary.outcome_by,
        best_value=summary.best_value,
        monitor_metric=summary.monitor_metric,
        same_seed=summary.seed == now.seed,
        same_fold=known.fold == now.fold,
        same_code=None if now.code is None else known.code == now.code,
        same_data=_same(known.data, now.data),
    )


def _same(before: FingerprintRecord | None, now: FingerprintRecord | None) -> bool | None:
    if before is None or now is None or before.method != now.method:
        return None
    return before.value == now.value
