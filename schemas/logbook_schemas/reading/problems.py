"""What is wrong with a config, and where: one `Problem` per fault, all of them in one `ReadingError`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["MAX_SHOWN", "Path", "Problem", "ReadingError", "describe", "dotted", "shorten"]

Path: TypeAlias = tuple[str | int, ...]

MAX_SHOWN = 50
"""How many problems an error carries; a file can hold a hundred thousand."""

_LONGEST_QUOTE = 60
_PLAIN_KEY = re.compile(r"[^\s.\[\]=\"]+")


@dataclass(frozen=True)
class Problem:
    """One fault of a config: where it stands and what is wrong, in plain words.

    `source` is the file's name, or the option that set the value (`--set optimizer.lr=x`); `line` and
    `column` count from 1 (the column in characters), and are None for an option. `path` is dotted
    text, list positions in brackets, empty for the whole config.
    """

    source: str
    line: int | None
    column: int | None
    path: str
    message: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}:{self.column}"
        return ": ".join(part for part in (where, self.path, self.message) if part)


class ReadingError(ValueError):
    """A config that can't be read or isn't valid.

    `problems` holds the faults in file order, the first 50 of them; `more` counts the others.
    """

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        self.problems = tuple(problems[:MAX_SHOWN])
        self.more = more + len(problems) - len(self.problems)
        super().__init__(self.problems, self.more)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        return "\n".join([*lines, f"and {self.more} more"] if self.more else lines)


def dotted(path: Path) -> str:
    """Write a path as a person does: `data.inputs[0].c`; a key with dots in it as `kwargs["a.b"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def describe(value: object) -> str:
    """Say what a JSON value is, short enough for a message: `the text "0.1"`, `3.0`, `an empty list`."""
    if isinstance(value, str):
        return f"the text {json.dumps(shorten(value), ensure_ascii=False)}"
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return shorten(json.dumps(value, default=str))


def shorten(text: str) -> str:
    """Cut what is too long to be quoted in a message."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
