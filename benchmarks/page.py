"""`RESULTS.md`: the sections that scripts of their own write, each between its markers, and the words for a machine."""

from __future__ import annotations

import platform
import re
import sqlite3
from pathlib import Path

__all__ = ["RESULTS", "machine", "read_sections", "write_section"]

RESULTS = Path(__file__).with_name("RESULTS.md")

_SECTION = re.compile(r"<!-- (?P<name>[\w ]+): begin -->\n(?P<text>.*?)\n<!-- (?P=name): end -->\n?", re.DOTALL)


def machine() -> str:
    """Return what a figure was measured with."""
    import torch

    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, SQLite {sqlite3.sqlite_version},"
        f" {platform.machine()}, one thread"
    )


def read_sections(page: Path) -> dict[str, str]:
    """Return what stands between markers, by name; empty where there is no page yet."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {found["name"]: found["text"] for found in _SECTION.finditer(text)}


def write_section(page: Path, name: str, text: str) -> None:
    """Put a section between its markers, at the end of the page where it has none yet."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    new = f"<!-- {name}: begin -->\n{text}\n<!-- {name}: end -->\n"
    for found in _SECTION.finditer(old):
        if found["name"] == name:
            page.write_text(f"{old[: found.start()]}{new}{old[found.end() :]}", encoding="utf-8")
            return
    page.write_text(f"{old.rstrip()}\n\n{new}".lstrip(), encoding="utf-8")
