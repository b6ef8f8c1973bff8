"""What a source hands over: examples as they stand in it, not yet split, encoded or scaled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.vocabulary import Vocabulary

if TYPE_CHECKING:
    from torch.utils.data import Dataset

__all__ = ["WHOLE", "Examples", "RawData", "find_file", "find_folder"]

WHOLE = "all"
"""The name of the one part of a source that isn't split by itself."""


@dataclass(frozen=True)
class Examples:
    """Inputs [N, ...] and targets [N, ...] held in memory, of whatever type the source has.

    `extra` holds columns [N] that are neither: what tells groups of rows apart, or the rows are ordered by.
    """

    inputs: Array
    targets: Array
    extra: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, kw_only=True)
class RawData:
    """The parts of a source: `{"all": …}`, or `train` and perhaps `validation` and `test` where it is split already.

    Either `parts` or `datasets` is filled. `label` names the source in messages and records. `columns` names the
    features of flat inputs, `classes` the classes 0, 1, … where the source knows their names. `file` is where
    it was read from, `lines` the line of that file on which each row stands. `categories` names, by column, the
    categories 0, 1, … whose codes stand in it; `one_hot` the same of columns that have become one for each category.
    `files` are the files of a source of many, by their name in it, `others` those of other splits, by split. A text has
    a `vocabulary`, is split already, and its rows are windows that continue each other. `notes` say what a person
    should know of how it was read.
    """

    label: str
    parts: Mapping[str, Examples] = field(default_factory=dict)
    datasets: Mapping[str, Dataset[Any]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    file: Path | None = None
    lines: tuple[int, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_hot: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    others: Mapping[str, RawData] = field(default_factory=dict)
    vocabulary: Vocabulary | None = None

    def place(self, part: str, row: int) -> str:
        """Name a row for a message: `csv data.csv, line 17`, or `npz set.npz, row 16`, from 0."""
        if part in self.others:
            return self.others[part].place(WHOLE, row)
        where = self.label if part == WHOLE or self.others else f"{self.label}, {part}"
        return f"{where}, line {self.lines[row]}" if row < len(self.lines) else f"{where}, row {row}"


def find_file(path: str, folder: Path) -> Path:
    """Return the file that a config names, from the config's folder.

    Raises DataError for one that isn't there, isn't a file, or can't be read.
    """
    file = folder / path
    with _reading(path, folder):
        if not file.exists():
            raise DataError(f"{path} is not there; looked in {folder.resolve()}")
        if not file.is_file():
            kind = "a folder, not a file" if file.is_dir() else "neither a file nor a folder"
            raise DataError(f"{path} is {kind} (in {folder.resolve()})")
        file.open("rb").close()
    return file


def find_folder(path: str, folder: Path) -> Path:
    """Return the folder that a config names, from the config's folder.

    Raises DataError for one that isn't there, isn't a folder, or can't be read.
    """
    found = folder / path
    with _reading(path, folder):
        if not found.exists():
            raise DataError(f"{path} is not there; looked in {folder.resolve()}")
        if not found.is_dir():
            raise DataError(f"{path} is a file; expected a folder (in {folder.resolve()})")
        next(found.iterdir(), None)
    return found


@contextmanager
def _reading(path: str, folder: Path) -> Iterator[None]:
    """Run the block that reads what a config names; DataError says why that can't be read."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} can't be read: {reason} (in {folder.resolve()})") from error
