"""Measure rows and labels: repeats, near copies, order, drift, padding, and what the inputs say of the labels.

A probe that can't be made says why in the record (`skipped`) and stops nothing. All random numbers are the probes' own,
with fixed seeds, so that the same data give the same record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.duplicates import find_repeated_rows
from logbook.training.data.label_drift import compare_classes, compare_numbers
from logbook.training.data.label_order import measure_order
from logbook.training.data.loaded import LoadedData, RawRows, Split
from logbook.training.data.nearness import measure_nearness
from logbook.training.data.padding import measure_padding
from logbook.training.data.row_scaling import measure_row_scaling
from logbook.training.data.sharing import find_shared_rows, row_keys
from logbook.training.data.signal import LARGEST_SAMPLE, measure_signal
from logbook.training.data.telling import measure_telling
from logbook.training.data.transfer import measure_transfer
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.rows import LabelDrift, ProbeScore, RowScalingRecord, SignalRecord, TellingColumn

__all__ = ["measure_rows"]

_ENTRIES = 4_000_000
"""Entries of the inputs that the models of `signal` look at, unless 2,000 rows have more."""
_FEWEST = 20
_BOOLEAN_COLUMNS = 64
_DIRECTIONS = 64
_NEAR_ROWS = 300_000
_CHUNK = 20_000
_FAR = 1e6
_SELDOM = 0.95
_SCALED_ROWS = 2_000


def measure_rows(loaded: LoadedData, config: RunConfig) -> dict[str, Any]:
    """Return the fields of a DataRecord that tell of rows and labels. Needs the raw rows of each split."""
    probes = _Probes(loaded, config)
    asked: dict[str, Callable[[], Any]] = {
        "shared": probes.shared,
        "repeated": probes.repeated,
        "near": probes.near,
        "signal": probes.signal,
        "telling": probes.telling,
        "row_scaling": probes.row_scaling,
        "label_order": probes.label_order,
        "label_drift": probes.label_drift,
        "padding": probes.padding,
    }
    found, skipped = dict[str, Any](), dict[str, str]()
    for name, probe in asked.items():
        try:
            found[name] = probe()
        except _Skipped as reason:
            skipped[name] = str(reason)
        except (ArithmeticError, MemoryError, TypeError, ValueError) as error:
            # Data of a kind that nobody thought of: a measurement less is no reason to stop a training.
            skipped[name] = f"{type(error).__name__}: {error}"
    return {**found, "skipped": skipped}


class _Skipped(Exception):  # noqa: N818  # no error: the reason why there is nothing to measure
    """Why a probe is not made."""


@dataclass(frozen=True)
class _Sample:
    """Rows of a split, distinct and finite, in random order: prepared inputs, and classes or numbers."""

    inputs: Array
    labels: Array


class _Probes:
    """The probes of one run's data; what several of them need is found once."""

    def __init__(self, loaded: LoadedData, config: RunConfig) -> None:
        self._loaded, self._config = loaded, config
        self._raw = {name: split.raw for name, split in loaded.splits().items() if split.raw is not None}
        self._keys = row_keys(self._raw)
        self._has_classes = loaded.encoding.labels is not None

    def shared(self) -> tuple[Any, ...]:
        return find_shared_rows(self._raw, self._keys)

    def repeated(self) -> tuple[Any, ...]:
        if self._loaded.train.dataset is not None:
            raise _Skipped("a Dataset is read as a sample, in which repeats are missing")
        found = (
            find_repeated_rows(name, rows, self._keys[name], self._classes(rows)) for name, rows in self._raw.items()
        )
        return tuple(one for one in found if one is not None)

    def near(self) -> tuple[Any, ...]:
        train = self._loaded.train
        if train.dataset is not None or self._reads_tokens():
            raise _Skipped("distances are those of numbers held in memory")
        names = [name for name in ("validation", "test") if name in self._raw]
        if not names:
            return ()
        there, scale = _standard(train)
        found = (
            measure_nearness(name, scale(_tensor(split)), self._raw[name].rows, "train", there)
            for name, split in self._loaded.splits().items()
            if name in names
        )
        return tuple(one for one in found if one is not None)

    def signal(self) -> SignalRecord | None:
        task = self._config.task
        if task in ("language-model", "reconstruction"):
            return None
        if self._reads_tokens():
            raise _Skipped("distances between tokens mean nothing")
        train = self._sample(self._raw["train"])
        if len(train.labels) < _FEWEST:
            raise _Skipped(f"{len(train.labels)} different rows without missing values are too few to tell")
        found = measure_signal(train.inputs, train.labels, has_classes=self._has_classes)
        transfer: tuple[ProbeScore, ...] = ()
        if "validation" in self._raw:
            validation = self._sample(self._raw["validation"])
            transfer = measure_transfer(
                (train.inputs, train.labels), (validation.inputs, validation.labels), has_classes=self._has_classes
            )
        is_boolean = _is_boolean(train.inputs)
        rows = len(validation.labels) if transfer else 0
        return found.model_copy(update={"transfer": transfer, "transfer_rows": rows, "is_boolean": is_boolean})

    def telling(self) -> tuple[TellingColumn, ...]:
        if self._config.task in ("language-model", "reconstruction") or self._reads_tokens():
            return ()
        rows = self._raw["train"]
        labels = self._encoded(rows.targets)
        return measure_telling(rows.inputs, labels, columns=self._loaded.columns, has_classes=self._has_classes)

    def row_scaling(self) -> RowScalingRecord | None:
        if self._reads_tokens():
            return None
        return measure_row_scaling(self._loaded.inputs.apply(self._raw["train"].inputs[:_SCALED_ROWS]))

    def label_order(self) -> Any:
        if self._loaded.train.dataset is not None:
            raise _Skipped("a Dataset is read as a sample")
        labels = self._single_labels("train")
        if labels is None:
            return None
        validation = self._single_labels("validation")
        other = None
        if validation is not None:
            other = self._raw["validation"].rows
            parts = self._loaded.source.parts or self._loaded.source.others
            if "validation" in parts:  # its rows are counted anew
                other = other + int(self._raw["train"].rows.max()) + 1
        rows = (self._raw["train"].rows, other)
        return measure_order(labels, validation, rows=rows, has_classes=self._has_classes)

    def label_drift(self) -> tuple[LabelDrift, ...]:
        if self._loaded.encoding.of_inputs or self._config.task == "language-model":
            return ()
        natural = self._loaded.natural_targets
        train = self._encoded(self._raw["train"].targets if natural is None else natural)
        found = (self._drift(name, train) for name in ("validation", "test") if name in self._raw)
        return tuple(one for one in found if one is not None)

    def padding(self) -> Any:
        if not self._reads_tokens() or self._loaded.is_text or self._config.data.source.kind == "synthetic":
            return None
        return measure_padding(self._raw["train"].inputs[:LARGEST_SAMPLE])

    def _drift(self, name: str, train: Array) -> LabelDrift | None:
        here = self._encoded(self._raw[name].targets)
        if self._has_classes:
            classes = len(self._loaded.classes)
            return compare_classes(name, here.astype(np.int64), "train", train.astype(np.int64), classes)
        return compare_numbers(name, here, "train", train, self._loaded.classes)

    def _encoded(self, targets: Array) -> Array:
        encoded = self._loaded.encoding.encode(targets)
        return encoded.reshape(-1) if self._has_classes else encoded

    def _classes(self, rows: RawRows) -> Array | None:
        return self._encoded(rows.targets).astype(np.int64) if self._has_classes else None

    def _single_labels(self, name: str) -> Array | None:
        """Return a split's labels [N] where an example has one: class indices, or the one column of numbers."""
        is_number = self._config.task == "regression" and self._loaded.output_size == 1
        if name not in self._raw or not (self._has_classes or is_number):
            return None
        labels = self._encoded(self._raw[name].targets).reshape(-1)
        return labels if np.isfinite(labels).all() else None

    def _reads_tokens(self) -> bool:
        inputs = self._loaded.train.inputs
        if inputs is not None:
            return not inputs.is_floating_point()
        raw = self._raw["train"].inputs
        is_whole = raw.dtype.kind in "iu" and raw.dtype.itemsize > 1
        return self._loaded.vocabulary > 0 or (is_whole and not self._loaded.inputs.steps)

    def _sample(self, rows: RawRows) -> _Sample:
        first = np.unique(rows.rows, return_index=True)[1]
        width = max(1, rows.inputs.size // max(1, len(rows.inputs)))
        most = max(2_000, min(LARGEST_SAMPLE, _ENTRIES // width))
        chosen = first[np.random.Generator(np.random.PCG64(0)).permutation(len(first))[:most]]
        inputs = self._loaded.inputs.apply(rows.inputs[chosen])
        labels = self._encoded(rows.targets[chosen])
        flat = inputs.reshape(len(inputs), -1)
        is_whole = np.isfinite(flat).all(axis=1) & np.isfinite(labels.reshape(len(labels), -1)).all(axis=1)
        inputs, labels, flat = inputs[is_whole], labels[is_whole], flat[is_whole]
        # Equal rows would be each other's neighbours, whatever their labels say.
        distinct = np.sort(np.unique(flat, axis=0, return_index=True)[1]) if _is_narrow(flat) else slice(None)
        return _Sample(inputs[distinct], labels[distinct])


def _is_narrow(flat: Array) -> bool:
    return bool(flat.size <= _ENTRIES and len(flat))


def _is_boolean(inputs: Array) -> bool:
    """Say whether the inputs are few and each has two values: such as a truth table, which no simple model learns."""
    flat = inputs.reshape(len(inputs), -1)
    if flat.shape[1] > _BOOLEAN_COLUMNS:
        return False
    return bool(((flat == flat.min(axis=0)) | (flat == flat.max(axis=0))).all())


def _tensor(split: Split) -> Array:
    assert split.inputs is not None  # the caller looked
    found: Array = split.inputs.numpy().reshape(len(split), -1)
    return found


def _standard(train: Split) -> tuple[Array, Callable[[Array], Array]]:
    """Return training rows [M, D] in standard deviations, at most 300,000, and what does the same to other rows.

    Wide rows are seen along 64 fixed directions at random, which shorten all distances alike.
    """
    flat = _tensor(train)
    rng = np.random.Generator(np.random.PCG64(0))
    order = rng.permutation(len(flat))
    enough = max(2_000, min(LARGEST_SAMPLE, _ENTRIES // max(1, flat.shape[1])))
    few = flat[np.sort(order[:enough])].astype(np.float64)
    few = few[np.isfinite(few).all(axis=1)]
    if not len(few):
        raise _Skipped("every row has a missing value")
    mean, spread = few.mean(axis=0), few.std(axis=0)
    varies = np.flatnonzero(spread > 1e-9 * (1e-9 + np.abs(few).max(axis=0)))
    # A column that hardly ever varies, such as the corner of an image, would drown the others once it is scaled.
    often = varies[(few[:, varies] == np.median(few[:, varies], axis=0)).mean(axis=0) < _SELDOM]
    varies = often if len(often) else varies
    mean, factor = mean[varies].astype(np.float32), (1 / spread[varies]).astype(np.float32)
    mix = None
    if len(varies) > _DIRECTIONS:
        mix = np.linalg.qr(rng.normal(size=(len(varies), _DIRECTIONS)))[0].astype(np.float32)

    def scale(rows: Array) -> Array:
        found = np.empty((len(rows), len(varies) if mix is None else _DIRECTIONS), dtype=np.float32)
        for start in range(0, len(rows), _CHUNK):
            part = np.nan_to_num((rows[start : start + _CHUNK, varies] - mean) * factor, posinf=_FAR, neginf=-_FAR)
            found[start : start + _CHUNK] = part if mix is None else part @ mix
        return found

    return scale(flat if len(flat) <= _NEAR_ROWS else flat[np.sort(order[:_NEAR_ROWS])]), scale
