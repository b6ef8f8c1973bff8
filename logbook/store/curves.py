"""The derived numbers of a run: which epochs count, and first, last and best of everything measured.

An epoch that was trained again counts as it was last trained; after a run went back, the epochs beyond that point don't
count until they are trained again. Only the phase `train` has curves.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from logbook.store import statements
from logbook.store.chain import storable
from logbook.store.payloads import refusing_damage, validated
from logbook.store.schema import MEASURES
from logbook_schemas.records.beginning import StartOfRun
from logbook_schemas.records.measures import EpochRecord

__all__ = ["Curves", "counting_payloads", "kind_of_number", "values_of"]

_NUMBERS = ("best_value", "best_val_loss", "last_train_loss", "last_val_loss")
_NOTHING = (None,) * 5
_NO_VALUES: Mapping[str, float] = {}
_measures = attrgetter(*MEASURES)
_UNWRITTEN = {name: EpochRecord.model_fields[name].get_default() for name in (*MEASURES, "phase", "metrics")}
"""What a row leaves out of an epoch: fields at their default."""


def values_of(record: EpochRecord) -> dict[str, float]:
    """Return every number of an epoch that has a curve, by name."""
    values = dict(record.metrics)
    for name, value in zip(MEASURES, _measures(record), strict=True):
        if value is not None:
            values[name] = value
    return values


@refusing_damage("epoch")
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


_Extent = list[Any]
"""`[mode, first, last, best, best_epoch]` of one number: the very list that `summary.live_metrics` keeps, since making
20 of them for each epoch would take as long as writing them."""


class Curves:
    """The curves of one run, kept up epoch by epoch."""

    def __init__(self, start: StartOfRun) -> None:
        self.metric, _ = start.monitored
        self._modes = {**dict.fromkeys(MEASURES, "min"), **start.recorded_modes}
        self._epochs: dict[int, dict[str, float]] = {}
        self._extents: dict[str, _Extent] = {}
        self._seconds = 0.0
        self._last = 0

    @classmethod
    def of(cls, raw: sqlite3.Connection, run_id: int) -> Curves:
        """Read the curves of a run from its rows."""
        (payload,) = raw.execute(statements.RUN_PAYLOAD, (run_id,)).fetchone()
        curves = cls(validated(StartOfRun, payload))
        with refusing_damage("epoch"):
            for text in counting_payloads(raw.execute(statements.CURVE_ROWS, (run_id,))):
                curves._add_stored(text)
        return curves

    def _add_stored(self, payload: str) -> None:
        """Take an epoch as its row has it: read as a record it would take five times as long."""
        record = {**_UNWRITTEN, **from_json(payload)}
        if record["phase"] == "train":
            values = {name: float(value) for name, value in record["metrics"].items()}
            values.update((name, float(record[name])) for name in MEASURES if record[name] is not None)
            self.add(record["epoch"], values)

    def add(self, epoch: int, values: dict[str, float]) -> None:
        """Take one more epoch; one that was trained again counts as it is now."""
        self._epochs[epoch] = values
        if epoch > self._last:
            self._take(epoch, values)
        else:
            self._compute_anew()

    def summary_values(self) -> tuple[object, ...]:
        """Return the values of the summary's `CURVE_COLUMNS`, but for `live_metrics`."""
        _, _, _, best, best_epoch = self._extents.get(self.metric, _NOTHING)
        last = self._epochs.get(self._last, _NO_VALUES)
        numbers = (
            best if best_epoch is not None else None,
            self._epochs[best_epoch].get("val_loss") if best_epoch is not None else None,
            last.get("train_loss"),
            last.get("val_loss"),
        )
        unsaid = " ".join([name for name, value in zip(_NUMBERS, numbers, strict=True) if value != value])
        return (len(self._epochs), self._seconds, best_epoch, *numbers, unsaid)

    def metric_rows(self, run_id: int) -> list[tuple[object, ...]]:
        """Return the rows of `metric_extent`, in the order of its columns."""
        return [(run_id, storable(name), *self._row(extent)) for name, extent in self._extents.items()]

    def live_text(self) -> str | None:
        """Return what `summary.live_metrics` keeps of a run that goes on; the view `run_metric` makes rows of it.

        JSON: the name of each number to `[mode, first, last, best, best_epoch]`, NaN and infinities by name. pydantic
        writes it seven times faster than `json`: a float's shortest text is most of the work.
        """
        if not self._extents:
            return None
        try:
            return _text(self._extents)
        except PydanticSerializationError:
            return _text({storable(name): extent for name, extent in self._extents.items()})

    @staticmethod
    def _row(extent: _Extent) -> tuple[object, ...]:
        mode, first, last, best, best_epoch = extent
        return (
            *(mode, first, kind_of_number(first), last, kind_of_number(last)),
            *(best, kind_of_number(best), best_epoch),
        )

    def _take(self, epoch: int, values: Mapping[str, float]) -> None:
        extents = self._extents
        for name, value in values.items():
            extent = extents.get(name)
            if extent is None:
                extent = extents[name] = [self._modes.get(name, "max"), value, value, math.nan, None]
            mode, _, _, best, best_epoch = extent
            extent[2] = value
            # Whatever is held against a NaN is not better, and only a NaN differs from itself.
            if (value < best if mode == "min" else value > best) or (best_epoch is None and value == value):
                extent[3:] = value, epoch
        self._seconds += values.get("seconds", 0.0)
        self._last = epoch

    def _compute_anew(self) -> None:
        self._extents, self._seconds, self._last = {}, 0.0, 0
        self._epochs = dict(sorted(self._epochs.items()))
        for epoch, values in self._epochs.items():
            self._take(epoch, values)


def _text(extents: Mapping[str, _Extent]) -> str:
    return to_json(extents, inf_nan_mode="strings").decode()
