"""Where the rows of each split stand: in which part of the source, and in which of its rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, as_array
from logbook.training.data.sources import WHOLE, RawData
from logbook.training.data.splits import split_rows
from logbook_schemas.config.splits import FilesSplit, Split

__all__ = ["GIVEN", "Places", "drawn_part", "find_places", "given_notes", "limited"]

GIVEN = ("train", "validation", "test")

Places = dict[str, tuple[str, Array]]
"""For each split the part of the source that it comes from, and its rows there, in ascending order."""


def drawn_part(raw: RawData) -> str:
    """Return the part from which splits are drawn that the source doesn't give."""
    return WHOLE if WHOLE in (raw.parts or raw.datasets) else "train"


def find_places(split: Split, raw: RawData, labels: Array | None) -> Places:
    """Return the rows of each split; `labels` [N], int, are the classes whose shares are to be kept.

    A validation or test part that the source gives stands; what it doesn't give is drawn from its train part.
    Raises DataError for a split without rows, a group on both sides, and a source that can't be split so.
    """
    lengths = {name: len(part) for name, part in (raw.parts or raw.datasets).items()}  # type: ignore[arg-type]
    part = drawn_part(raw)
    if isinstance(split, FilesSplit):
        rows = {"train": np.arange(lengths[part])}
    else:
        if split.kind == "k-fold" and "validation" in lengths:
            raise DataError(
                f"{raw.label} gives its own validation split, which folds can't take turns with;"
                " set data.split.kind to 'random'"
            )
        keys = {name: _keys(split, raw, name) for name in lengths} if split.column is not None else {}
        if split.kind != "ordered":
            _refuse_shared_groups(raw, keys, split.column)
        rows = split_rows(
            split,
            lengths[part],
            validation="validation" not in lengths,
            test="test" not in lengths,
            classes=labels,
            keys=keys.get(part),
        )
    given = {name: (name, np.arange(lengths[name])) for name in GIVEN[1:] if name in lengths}
    places = {name: (part, drawn) for name, drawn in rows.items()} | given
    return {name: places[name] for name in GIVEN if name in places}


def limited(places: Places, limit: int | None) -> Places:
    """Return the places with at most so many rows to train on: the same ones each time, whatever the run's seed."""
    part, rows = places["train"]
    if limit is None or limit >= len(rows):
        return places
    kept = np.random.Generator(np.random.PCG64(0)).permutation(len(rows))[:limit]
    return {**places, "train": (part, rows[np.sort(kept)])}


def given_notes(split: Split, raw: RawData) -> tuple[str, ...]:
    """Say which splits the source gives although the config would draw them."""
    given = [name for name in GIVEN[1:] if name in (raw.parts or raw.datasets)]
    return tuple(
        f"{raw.label} gives its own {name} split; the config's share of {split.shares[name]:g} is not drawn"
        for name in given
        if split.shares[name] > 0
    )


def _keys(split: Split, raw: RawData, part: str) -> Array:
    """Return what the rows of a part are grouped or ordered by, [N]."""
    name = split.column or ""
    values = _of_dataset(raw, part, name) if raw.datasets else raw.parts[part].extra[name]

    def place(row: int) -> str:
        return raw.place(part, row)

    _refuse_missing(values, name, place)
    return _ordered(values, name, place) if split.kind == "ordered" else values


def _of_dataset(raw: RawData, part: str, name: str) -> Array:
    dataset = raw.datasets[part]
    found = getattr(dataset, name, None)
    if found is None:
        raise DataError(f"{raw.label}: data.split.by is '{name}', and the Dataset has no attribute of that name")
    values = as_array(found, where=f"{raw.label}: '{name}'")
    if values.shape != (len(dataset),):  # type: ignore[arg-type]
        raise DataError(f"{raw.label}: '{name}' has shape {values.shape}; expected one value an example")
    return values


def _refuse_missing(values: Array, name: str, place: Callable[[int], str]) -> None:
    # NaN and NaT alone are unequal to themselves.
    missing = np.char.strip(values) == "" if values.dtype.kind in "US" else values != values
    if missing.any():
        raise DataError(f"{place(int(np.argmax(missing)))}: '{name}' is empty, and the split goes by it")


def _ordered(values: Array, name: str, place: Callable[[int], str]) -> Array:
    """Return numbers or moments as they are, and text as moments; raises DataError for any other text."""
    if values.dtype.kind not in "US":
        return values
    moments = np.empty(len(values), dtype=np.float64)
    numbers = []
    for row, text in enumerate(values.tolist()):
        moment = _moment(text)
        if moment is not None:
            moments[row] = moment
        elif _is_number(text):
            numbers.append(row)
        else:
            raise DataError(f"{place(row)}: '{name}' is '{text[:40]}', {_WANTED}")
    if numbers:
        raise DataError(f"{place(numbers[0])}: '{name}' is '{values[numbers[0]]}' among dates, {_WANTED}")
    return moments


_WANTED = "expected a number or a date such as 2026-11-21 or 2026-11-21T10:30, to order rows by"


def _moment(text: str) -> float | None:
    """Return a date in seconds since 1970, UTC where it names no zone; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _refuse_shared_groups(raw: RawData, keys: dict[str, Array], name: str | None) -> None:
    """Raise DataError where a group stands in two splits that the source itself gives."""
    parts = list(keys)
    for place, one in enumerate(parts):
        for other in parts[place + 1 :]:
            shared = np.intersect1d(keys[one], keys[other])
            if len(shared):
                raise DataError(
                    f"{raw.label}: group {shared[0]!s} of '{name}' stands in its {one} and in its {other} split"
                    f" ({len(shared)} such groups); a group belongs on one side"
                )
