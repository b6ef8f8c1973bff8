"""What one row of a source looks like before its preparation: kept with the run, so that new rows can be read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import RawData

__all__ = ["Features", "features_of"]


@dataclass(frozen=True, kw_only=True)
class Features:
    """One row of a run's source.

    `shape` is that of one example. `columns` names the features of flat inputs in their order, empty where they have
    no names. `categories` names, by column, the categories 0, 1, … whose codes stand in it, `one_hot` those of a column
    that became one for each of them (`colour=red`). `fillers` stand in for missing values, where the run fills them in.
    """

    shape: tuple[int, ...]
    columns: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_hot: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fillers: Array | None = None

    @property
    def count(self) -> int:
        """How many numbers one example holds."""
        return prod(self.shape)

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The columns of the source, in order: one that became several counts once."""
        became = {f"{column}={name}": column for column, names in self.one_hot.items() for name in names}
        return tuple(dict.fromkeys(became.get(column, column) for column in self.columns))

    @classmethod
    def from_kept(cls, preparation: Mapping[str, Any], *, shape: tuple[int, ...], columns: tuple[str, ...]) -> Features:
        """Return the features that a run's preparation tells of.

        `shape` and `columns` are those of its data record: they stand in where a run of an early release kept none.
        """
        kept = preparation.get("features", {"columns": columns if _are_names(columns) else ()})
        fillers = preparation.get("missing")
        return cls(
            shape=tuple(kept.get("shape") or shape),
            columns=tuple(kept["columns"]),
            categories={column: tuple(names) for column, names in kept.get("categories", {}).items()},
            one_hot={column: tuple(names) for column, names in kept.get("one_hot", {}).items()},
            fillers=None if fillers is None else np.asarray(fillers, dtype=np.float64),
        )


def features_of(raw: RawData) -> dict[str, Any]:
    """Return what a source's rows look like, as JSON has it."""
    shape = next(iter(raw.parts.values())).inputs.shape[1:] if raw.parts else None
    return {
        "shape": None if shape is None else list(shape),
        "columns": list(raw.columns),
        "categories": {column: list(names) for column, names in raw.categories.items()},
        "one_hot": {column: list(names) for column, names in raw.one_hot.items()},
    }


def _are_names(columns: tuple[str, ...]) -> bool:
    """Say whether columns of a data record have names: features without any are told by their place."""
    return not all(part.isdigit() for column in columns for part in column.split(","))
