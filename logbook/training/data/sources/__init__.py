"""Data sources, one file each. To add one: its schema in `config/data.py`, its file here, its `case` below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from logbook.errors import DataError
from logbook.training.data.sources.cifar import load_cifar
from logbook.training.data.sources.csv_table import load_csv
from logbook.training.data.sources.images import load_images
from logbook.training.data.sources.mnist import load_mnist
from logbook.training.data.sources.npy import load_npy
from logbook.training.data.sources.npz import load_npz
from logbook.training.data.sources.parquet import load_parquet
from logbook.training.data.sources.python import load_python
from logbook.training.data.sources.raw import WHOLE, Examples, RawData
from logbook.training.data.sources.sklearn import load_sklearn
from logbook.training.data.sources.synthetic import load_synthetic
from logbook.training.data.sources.text import load_text
from logbook_schemas.config.sequences import Docstrings, Text
from logbook_schemas.config.sources import (
    Cifar10,
    Cifar100,
    Csv,
    Images,
    Mnist,
    Npy,
    Npz,
    Parquet,
    PythonSource,
    Sklearn,
    Source,
    Synthetic,
)
from logbook_schemas.config.splits import OrderedSplit

__all__ = ["WHOLE", "Examples", "RawData", "load_source"]


def load_source(source: Source, folder: Path, *, extra: Sequence[str] = ()) -> RawData:
    """Return the examples of a source as they stand in it; paths are read from `folder`.

    `extra` names columns or arrays of the source that are handed over beside inputs and targets, and are no features.

    Raises DataError for a source that doesn't hold what the config says, and whatever a person's own code means.
    """
    try:
        return _load(source, folder, extra)
    except MemoryError as error:
        raise DataError(f"the {source.kind} data don't fit into memory: {error}") from error


def _load(source: Source, folder: Path, extra: Sequence[str]) -> RawData:
    match source:
        case Sklearn():
            return load_sklearn(source)
        case Csv():
            return load_csv(source, folder, extra)
        case Parquet():
            return load_parquet(source, folder, extra)
        case Npz():
            return load_npz(source, folder, extra)
        case Npy():
            return load_npy(source, folder)
        case Images():
            return load_images(source, folder)
        case Mnist():
            return load_mnist(source, folder)
        case Cifar10() | Cifar100():
            return load_cifar(source, folder)
        case Synthetic():
            return load_synthetic(source)
        case Text() | Docstrings():
            # Whole: what splits a text has to do so before it is cut into windows (`loading.py`).
            return load_text(source, OrderedSplit(validation=0.0, test=0.0), folder)
        case PythonSource():
            return load_python(source, folder)
        case _:
            assert_never(source)
