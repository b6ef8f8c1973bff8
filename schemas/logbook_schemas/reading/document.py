"""A config as it was read: the value, the text it came from, and where in it every key and value stands.

Positions are kept as offsets into the text, and turned into lines and columns only when a message
needs them. What an option such as `--set` put in has no offset but an origin; `locate` knows both.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from logbook_schemas.reading.problems import Path, Problem, dotted

__all__ = ["Document", "Json", "Offsets", "Position"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_LINE_END = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A place in a text; line and column count from 1, the column in characters."""

    line: int
    column: int


class Offsets(NamedTuple):
    """Where an entry's key (None for a list item and for the whole) and its value begin in the text."""

    key: int | None
    value: int


@dataclass(frozen=True)
class Document:
    """One config file as read: plain JSON in `value`, its decoded text without a byte-order mark in `text`.

    `offsets` has an entry for every path that stands in the text, `origins` for every path that an
    option set; the `value` is the reader's own and must not be changed in place.
    """

    value: Json
    name: str
    text: str = field(repr=False)
    offsets: Mapping[Path, Offsets] = field(repr=False)
    origins: Mapping[Path, str] = field(default_factory=dict)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position_at(self, offset: int) -> Position:
        """Turn an offset into the text into line and column."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def key_position(self, path: Path) -> Position | None:
        """Where the key at this path stands; None for a list item, or what doesn't stand in the text."""
        offsets = self.offsets.get(path)
        return None if offsets is None or offsets.key is None else self.position_at(offsets.key)

    def value_position(self, path: Path) -> Position | None:
        """Where the value at this path begins; None for what doesn't stand in the text."""
        offsets = self.offsets.get(path)
        return None if offsets is None else self.position_at(offsets.value)

    def problem(self, path: Path, message: str, *, at_key: bool = False) -> Problem:
        """Make a problem that names the place of this path, or of what encloses it if it stands nowhere."""
        nearest = self._enclosing(path)
        if nearest in self.origins:
            return Problem(self.origins[nearest], None, None, dotted(path), message)
        position = self.key_position(nearest) if at_key and nearest == path else None
        position = position or self.value_position(nearest) or Position(1, 1)
        return Problem(self.name, position.line, position.column, dotted(path), message)

    def order(self, path: Path, *, at_key: bool = False) -> tuple[int, int]:
        """Sort key that puts problems in the order of the file, those of options after it."""
        nearest = self._enclosing(path)
        if nearest in self.origins:
            return (1, list(self.origins).index(nearest))
        offsets = self.offsets.get(nearest, Offsets(None, 0))
        use_key = at_key and nearest == path and offsets.key is not None
        return (0, offsets.key if use_key and offsets.key is not None else offsets.value)

    def _enclosing(self, path: Path) -> Path:
        while path and path not in self.offsets and path not in self.origins:
            path = path[:-1]
        return path
