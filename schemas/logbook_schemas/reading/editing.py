"""Change a config's text as a person would: set values in place, and leave comments and order alone."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from logbook_schemas.reading.document import Document, Json
from logbook_schemas.reading.overrides import apply_overrides
from logbook_schemas.reading.problems import Path, ReadingError
from logbook_schemas.reading.strict_json import read_json

__all__ = ["edit_text"]

_SCALAR: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}/]+')
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
"""A bracket; what stands in a text or a comment is passed over."""

_INDENT: Final = re.compile(r"\n([ \t]+)\S")


def edit_text(document: Document, assignments: Sequence[str]) -> str:
    """Return the text of a config with `path=value` texts laid over it; raises ReadingError as `apply_overrides` does.

    Where a change can't be made in place, the whole is written anew, without comments.
    """
    changed = apply_overrides(document, assignments)
    text = document.text
    for path in changed.origins:
        text = _set(text, path, _at(changed.value, path))
    try:
        if read_json(text, name=document.name).value == changed.value:
            return text
    except ReadingError:
        pass
    return json.dumps(changed.value, indent=2, ensure_ascii=False) + "\n"


def _set(text: str, path: Path, value: Json) -> str:
    """Return the text with one value set; text that can't be changed so comes back as it was."""
    document = read_json(text, name="")
    written = json.dumps(value, ensure_ascii=False)
    if path in document.offsets:
        start = document.offsets[path].value
        end = _end_of(text, start)
        return text if end is None else text[:start] + written + text[end:]
    section = document.offsets.get(path[:-1])
    if section is None or text[section.value] != "{":
        return text
    at = section.value + 1
    entry = f"{json.dumps(path[-1], ensure_ascii=False)}: {written}"
    is_empty = not _at(document.value, path[:-1])
    indent = _INDENT.match(text, at)
    space = f"\n{indent[1]}" if indent else ""
    comma = "" if is_empty else "," if indent else ", "
    return f"{text[:at]}{space}{entry}{comma}{text[at:]}"


def _end_of(text: str, start: int) -> int | None:
    """Return where the value that begins at a place ends; a list or section with its last bracket."""
    if text[start] not in "[{":
        plain = _SCALAR.match(text, start)
        return None if plain is None else plain.end()
    depth = 0
    for found in _BRACKET.finditer(text, start):
        if found["open"]:
            depth += 1
        elif found["close"]:
            depth -= 1
            if not depth:
                return found.end()
    return None


def _at(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(value, dict):
            value = value[str(step)]
        elif isinstance(value, list):
            value = value[int(step)]
    return value
