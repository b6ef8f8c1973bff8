"""The derived numbers of a run: which epochs count, and first, last and best of everything measured.

An epoch that was trained again counts as it was last trained; after a run went back, the epochs beyond that point don't
count until they are trained again. Only the phase `train` has curves.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from logbook.store import statements
from logbook_schemas.records.beginning import StartOfRun
from logbook_schemas.records.measures import EpochRecord

__all__ = ["Curves", "counting_payloads", "kind_of_number", "values_of"]

_MEASURES = ("train_loss", "val_loss", "train_loss_eval", "train_regularization", "lr", "seconds")


def values_of(record: EpochRecord) -> dict[str, float]:
    """Return every number of an epoch that has a curve, by name."""
    own = ((name, getattr(record, name)) for name in _MEASURES)
    return {**record.metrics, **{name: value for name, value in own if value is not None}}


def counting_payloads(rows: Iterable[tuple[int, str | None, int | None, str]]) -> list[str]:
    """Return the payloads of the epochs that count, by phase and epoch, from the rows of `CURVE_ROWS`."""
    counting: dict[tuple[str, int], str] = {}
    for _, phase, epoch, payload in rows:
        if phase is None or epoch is None:
            back_to = json.loads(payload).get("resumed_from", 0)
            counting = {key: value for key, value in counting.items() if key[0] != "train" or key[1] <= back_to}
        else:
            counting[phase, epoch] = payload
    return [counting[key] for key in sorted(counting)]


def kind_of_number(value: float) -> str:
    """Return what `…_kind` says of a number."""
    if math.isfinite(value):
        return "number"
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


@dataclass(slots=True)
class _Extent:
    """First, last and best of one measured number."""

    mode: str
    first: float
    last: float
    best: float = math.nan
    best_epoch: int | None = None

    def take(self, epoch: int, value: float) -> None:
        self.last = value
        if not math.isnan(value) and (self.best_epoch is None or self._is_better(value)):
            self.best, self.best_epoch = value, epoch

    def _is_better(self, value: float) -> bool:
        return value < self.best if self.mode == "min" else value > self.best


class Curves:
    """The curves of one run, kept up epoch by epoch."""

    def __init__(self, start: StartOfRun) -> None:
        self.metric = start.monitor.get("metric", "val_loss")
        self.mode = start.monitor.get("mode", "min")
        self._modes = {**dict.fromkeys(_MEASURES, "min"), **start.metric_modes, self.metric: self.mode}
        self._epochs: dict[int, dict[str, float]] = {}
        self._extents: dict[str, _Extent] = {}
        self._seconds = 0.0
        self._last = 0

    @classmethod
    def of(cls, raw: sqlite3.Connection, run_id: int) -> Curves:
        """Read the curves of a run from its rows."""
        (payload,) = raw.execute(statements.RUN_PAYLOAD, (run_id,)).fetchone()
        curves = cls(StartOfRun.model_validate_json(payload))
        for text in counting_payloads(raw.execute(statements.CURVE_ROWS, (run_id,))):
            record = EpochRecord.model_validate_json(text)
            if record.phase == "train":
                curves.add(record.epoch, values_of(record))
        return curves

    def add(self, epoch: int, values: dict[str, float]) -> set[str] | None:
        """Take one more epoch. Returns the names that are new, or None where all had to be computed anew."""
        if epoch <= self._last:
            self._epochs[epoch] = values
            self._compute_anew()
            return None
        self._epochs[epoch] = values
        return self._take(epoch, values)

    def summary_values(self) -> tuple[object, ...]:
        """Return the values of the summary's `CURVE_COLUMNS`."""
        best = self._extents.get(self.metric)
        best_epoch = best.best_epoch if best else None
        last = self._epochs.get(self._last, {})
        numbers = {
            "best_value": best.best if best and best_epoch is not None else None,
            "best_val_loss": self._epochs[best_epoch].get("val_loss") if best_epoch is not None else None,
            "last_train_loss": last.get("train_loss"),
            "last_val_loss": last.get("val_loss"),
        }
        unsaid = " ".join(name for name, value in numbers.items() if value is not None and math.isnan(value))
        return (len(self._epochs), self._seconds, best_epoch, *numbers.values(), unsaid)

    def metric_rows(self, run_id: int, names: Iterable[str] | None = None) -> list[tuple[object, ...]]:
        """Return rows of `run_metric`, in the order of its columns: of all names, or of those given."""
        chosen = self._extents if names is None else names
        return [(run_id, name, *self._row(self._extents[name])) for name in chosen]

    def improved(self) -> list[str]:
        """Return the names whose best is the newest epoch."""
        return [name for name, extent in self._extents.items() if extent.best_epoch == self._last]

    @staticmethod
    def _row(extent: _Extent) -> tuple[object, ...]:
        first, last, best = extent.first, extent.last, extent.best
        return (
            *(extent.mode, first, kind_of_number(first), last, kind_of_number(last)),
            *(best, kind_of_number(best), extent.best_epoch),
        )

    def _take(self, epoch: int, values: Mapping[str, float]) -> set[str]:
        new = set()
        for name, value in values.items():
            extent = self._extents.get(name)
            if extent is None:
                extent = self._extents[name] = _Extent(self._modes.get(name, "max"), value, value)
                new.add(name)
            extent.take(epoch, value)
        self._seconds += values.get("seconds", 0.0)
        self._last = epoch
        return new

    def _compute_anew(self) -> None:
        self._extents, self._seconds, self._last = {}, 0.0, 0
        self._epochs = dict(sorted(self._epochs.items()))
        for epoch, values in self._epochs.items():
            self._take(epoch, values)
