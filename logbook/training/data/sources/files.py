"""A source whose validation and test rows stand in files of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources import WHOLE, Examples, RawData, load_source
from logbook_schemas.config.sources import Source
from logbook_schemas.config.splits import FilesSplit
from logbook_schemas.reading import nearest

__all__ = ["load_files"]


def load_files(source: Source, split: FilesSplit, folder: Path) -> RawData:
    """Return the source as its train part, and the split's files as the other parts, read as the source is.

    Columns are brought into the source's order, and codes of classes and categories into its numbers. Raises
    DataError where a file lacks a column or has one more.
    """
    main = load_source(source, folder)
    if WHOLE not in main.parts:
        given = ", ".join(main.parts or main.datasets)
        raise DataError(f"{main.label} is split already ({given}); data.split.kind 'files' has nothing to add")
    others = {}
    for name, path in split.paths.items():
        other = load_source(source.model_copy(update={"path": path}), folder)
        if WHOLE not in other.parts:
            raise DataError(f"{other.label} is split already; expected the rows of the {name} split")
        others[name] = _as_in(main, other)
        main = replace(main, classes=others[name].classes, categories=others[name].categories)
    parts = {"train": main.parts[WHOLE], **{name: other.parts[WHOLE] for name, other in others.items()}}
    return replace(main, parts=parts, others={"train": replace(main, others={}), **others})


def _as_in(main: RawData, other: RawData) -> RawData:
    """Return another file's data with the columns, classes and categories of the main one, new ones at the end."""
    for here, there in ((main, other), (other, main)):
        odd = next((name for name in here.categories if name in there.columns and name not in there.categories), None)
        if odd is not None:
            raise DataError(
                f"column '{odd}' holds categories in {here.label} and numbers in {there.label}; to have categories in"
                " both, name it in data.source.categorical"
            )
    examples = other.parts[WHOLE]
    inputs = examples.inputs
    if main.columns != other.columns:
        inputs = inputs[:, _order(main, other)]
    categories = {name: _joined(known, other.categories.get(name, ())) for name, known in main.categories.items()}
    for name, joined in categories.items():
        if joined != other.categories.get(name):
            place = main.columns.index(name)
            inputs = inputs.copy()
            inputs[:, place] = _recoded(inputs[:, place], other.categories.get(name, ()), joined)
    targets, classes = examples.targets, main.classes
    if main.classes != other.classes and targets.dtype.kind in "iu":
        classes = _joined(main.classes, other.classes)
        targets = _recoded(targets, other.classes, classes)
    part = Examples(inputs, targets, examples.extra)
    return replace(other, parts={WHOLE: part}, columns=main.columns, classes=classes, categories=categories)


def _order(main: RawData, other: RawData) -> list[int]:
    for here, there in ((main, other), (other, main)):
        lacking = next((name for name in here.columns if name not in there.columns), None)
        if lacking is not None:
            near = nearest(lacking, there.columns)
            hint = f"; did you mean '{near}'?" if near else ""
            raise DataError(f"{there.label} has no column '{lacking}', which {here.label} has{hint}")
    return [other.columns.index(name) for name in main.columns]


def _joined(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _recoded(codes: Array, names: tuple[str, ...], joined: tuple[str, ...]) -> Array:
    """Return codes of `names` as codes of `joined`; what is no code (a missing value) stays."""
    table = np.array([joined.index(name) for name in names], dtype=np.int64)
    is_code = np.isin(codes, np.arange(len(names)))
    recoded = codes.copy()
    recoded[is_code] = table[codes[is_code].astype(np.int64)]
    return recoded
