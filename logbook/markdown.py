"""Markdown tables as GitHub reads them: one line a row, nothing in a cell that Markdown would take for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["head", "line"]


def head(names: Sequence[str], are_numbers: Sequence[bool]) -> str:
    """Return the two lines that a table begins with; numbers stand on the right."""
    rules = ["---:" if is_number else "---" for is_number in are_numbers]
    return f"{line(names)}\n| {' | '.join(rules)} |"


def line(cells: Iterable[str]) -> str:
    """Return one row."""
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`|<\[\]*])", r"\\\1", re.sub(r"[\r\n]+", " ", text)).replace("&", "&amp;")
