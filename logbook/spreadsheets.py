"""Cells of a CSV file that a spreadsheet takes for what they are: a text never runs as a formula."""

from __future__ import annotations

import re
from typing import TypeVar

__all__ = ["inert"]

_Cell = TypeVar("_Cell")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)", re.IGNORECASE)


def inert(cell: _Cell) -> _Cell | str:
    """Return a cell, with a `'` before a text that a spreadsheet would run (OWASP, "CSV Injection")."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text
