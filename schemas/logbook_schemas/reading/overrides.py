"""Values set from a command line, `optimizer.lr=1e-4`, laid over a config that was read.

What an option sets loses its place in the file and gets an origin instead, so that every later
message about it names the option.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn, TypeAlias

from logbook_schemas.reading.document import Document, Json, Offsets
from logbook_schemas.reading.problems import Path, Problem, ReadingError, describe, dotted, shorten
from logbook_schemas.reading.strict_json import MAX_DEPTH, UNSTORABLE, read_json, unstorable

__all__ = ["apply_overrides"]

_NAME: Final = re.compile(r"[^.\[\]=\"]+")
_BRACKET: Final = re.compile(r"\s*\[\s*(?:([0-9]{1,9})|(\"(?:[^\"\\]|\\.)*\"))\s*\]\s*")

_Section: TypeAlias = "dict[str, Json] | list[Json]"


@dataclass(frozen=True)
class _Assignment:
    origin: str
    path: Path
    value: Json


def apply_overrides(document: Document, assignments: Sequence[str]) -> Document:
    """Lay `path=value` texts over a config, in order; the document itself stays as it was.

    A value that reads as JSON is taken as such, any other as text. A path goes through sections by
    dots, through lists as `hidden.0` or `hidden[0]`, through keys with dots in them as `["a.b"]`; a
    section given as a bare text (`"optimizer": "adam"`) becomes the object of that kind, an absent
    one is made. Raises ReadingError, with every assignment that can't be meant.
    """
    draft = _Draft(document)
    problems: list[Problem] = []
    for text in assignments:
        try:
            draft.set(_parse(text))
        except ReadingError as error:
            problems.extend(error.problems)
    if problems:
        raise ReadingError(problems)
    return Document(draft.value, document.name, document.text, draft.offsets, draft.origins)


def _refuse(origin: str, path: Path, message: str) -> NoReturn:
    raise ReadingError([Problem(origin, None, None, dotted(path), message)])


def _parse(text: str) -> _Assignment:
    origin = f"--set {shorten(text)}"
    path, at = _parse_path(text, origin)
    written = text[at + 1 :]
    try:
        value = read_json(written, name=origin).value
    except ReadingError:
        value = written
        if bad := UNSTORABLE.search(written):
            _refuse(origin, path, unstorable(bad[0]))
    if len(path) + _depth(value) > MAX_DEPTH:
        _refuse(origin, path, f"nested deeper than {MAX_DEPTH} levels")
    return _Assignment(origin, path, value)


def _parse_path(text: str, origin: str) -> tuple[Path, int]:
    """Split off the path; gives it and where the `=` stands."""
    path: Path = ()
    at = 0
    while not (path and text.startswith("=", at)):
        dot = bool(path) and text.startswith(".", at)
        name = _NAME.match(text, at + dot) if dot or not path else None
        bracket = None if dot else _BRACKET.match(text, at)
        if name and name[0].strip():
            path, at = (*path, name[0].strip()), name.end()
        elif bracket:
            path, at = (*path, _bracketed(bracket)), bracket.end()
        else:
            example = "optimizer.lr=0.001 or model.hidden[0]=32"
            _refuse(origin, (), f"expected path=value, such as {example}; {_path_trouble(text, at)}")
    return path, at


def _bracketed(match: re.Match[str]) -> str | int:
    return int(match[1]) if match[1] is not None else str(json.loads(match[2]))


def _path_trouble(text: str, at: int) -> str:
    if "=" not in text:
        return "there is no '=' in it"
    if text.partition("=")[0].strip() == "":
        return "the path is empty"
    return f"found {text[at : at + 1]!r} at character {at + 1}"


def _depth(value: Json) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(_depth, children), default=0)


class _Draft:
    """A document that is being changed: its value, and where each part of it comes from."""

    def __init__(self, document: Document) -> None:
        self.value = copy.deepcopy(document.value)
        self.offsets = dict(document.offsets)
        self.origins = dict(document.origins)

    def set(self, assignment: _Assignment) -> None:
        if not isinstance(self.value, dict | list):
            _refuse(assignment.origin, assignment.path, f"the config is {describe(self.value)}, not an object")
        section: _Section = self.value
        path: Path = ()
        for step, following in pairwise(assignment.path):
            path = (*path, _resolve(section, path, step, assignment.origin))
            section = self.enter(section, path, following, assignment.origin)
        path = (*path, _resolve(section, path, assignment.path[-1], assignment.origin))
        _put(section, path[-1], assignment.value)
        self.forget(path)
        self.origins[path] = assignment.origin

    def enter(self, section: _Section, path: Path, following: str | int, origin: str) -> _Section:
        """Give the section at this path, made or expanded where need be, to go on to the following step."""
        child = _get(section, path[-1])
        if isinstance(child, dict | list):
            return child
        if not (child is None or isinstance(child, str)) or isinstance(following, int):
            _refuse(origin, path, _no_way_through(child, following))
        made: dict[str, Json] = {} if child is None else {"kind": child}
        _put(section, path[-1], made)
        self.expand(path, origin, kind=child is not None)
        return made

    def expand(self, path: Path, origin: str, *, kind: bool) -> None:
        """Record that an option made this object; the kind, if there was one, stands where it stood."""
        offsets, earlier = self.offsets.get(path), self.origins.get(path)
        self.forget(path)
        self.origins[path] = origin
        if kind and offsets is not None:
            self.offsets[(*path, "kind")] = Offsets(None, offsets.value)
        elif kind and earlier is not None:
            self.origins[(*path, "kind")] = earlier

    def forget(self, path: Path) -> None:
        """Drop the places of a value that is replaced, and of all within it."""
        length = len(path)
        self.offsets = {key: at for key, at in self.offsets.items() if key[:length] != path}
        self.origins = {key: at for key, at in self.origins.items() if key[:length] != path}


def _resolve(section: _Section, path: Path, step: str | int, origin: str) -> str | int:
    """Give a step as this section has it: a bare `0` is a key of an object, and a position in a list."""
    if isinstance(section, dict):
        if isinstance(step, int):
            _refuse(origin, path, f"is an object and has no position [{step}]")
        return step
    if isinstance(step, str) and not re.fullmatch("[0-9]{1,9}", step):
        _refuse(origin, path, f"is a list; expected a position, found '{step}'")
    position = int(step)
    if position >= len(section):
        last = f"the last is {len(section) - 1}" if section else "the list is empty"
        _refuse(origin, (*path, position), f"there is no such position; {last}")
    return position


def _get(section: _Section, step: str | int) -> Json:
    if isinstance(section, dict):
        return section.get(str(step))
    return section[int(step)]


def _put(section: _Section, step: str | int, value: Json) -> None:
    if isinstance(section, dict):
        section[str(step)] = value
    else:
        section[int(step)] = value


def _no_way_through(child: Json, step: str | int) -> str:
    wanted = f"a list with a position [{step}]" if isinstance(step, int) else f"a section to hold '{step}'"
    return f"there is no {wanted[2:]} here" if child is None else f"is {describe(child)}, not {wanted}"
