"""pydantic's errors in plain words, one short function a sort of error.

A `Fault` keeps what was wanted apart from what was found, so that the branches of a plain union
(`int | Literal["auto"]`) can be told as one: `expected a whole number or 'auto', found 3.5`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args, get_origin

from logbook_schemas.reading.problems import Path, describe, shorten
from logbook_schemas.reading.shapes import kinds_of
from logbook_schemas.reading.spelling import nearest

__all__ = ["Fault", "explain", "merge", "unknown_key", "unknown_kind"]

_TYPES: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "iterable": "a list",
    "dict": "an object",
    "mapping": "an object",
    "model": "an object",
    "model_attributes": "an object",
    "dataclass": "an object",
    "none_required": "null",
    "finite_number": "a finite number",
}
_TYPE_SUFFIX: Final = re.compile(r"_(?:type|parsing|parsing_size|from_float)$")
_BOUNDS: Final = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}
_LENGTHS: Final = {
    "too_short": ("at least", "min_length", "item"),
    "too_long": ("at most", "max_length", "item"),
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
}
_IN_JSON: Final = {"True": "true", "False": "false", "None": "null"}
_OPTION: Final = re.compile(r"'[^']*'|(?<!\S)(?!or\b)[^\s,']+")


@dataclass(frozen=True)
class Fault:
    """One thing wrong at a path: `text`, or what was wanted (`types`, `options`) and found, or `known` keys.

    `options` are as shown, text in single quotes. `subject` says what the options are of ("kind").
    """

    path: Path
    text: str = ""
    types: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    found: object = None
    subject: str = ""
    known: tuple[str, ...] | None = None
    choice: Path | None = None
    at_key: bool = False

    @property
    def message(self) -> str:
        """The fault in plain words."""
        if self.text:
            return self.text
        if self.known is not None:
            return _unknown_key(str(self.path[-1]), self.known)
        if isinstance(self.found, str) and self.options:
            return self._misspelt(self.found)
        return f"expected {self._wanted()}, found {describe(self.found)}"

    def _wanted(self) -> str:
        return " or ".join([*self.types, *([_one_of(self.options)] if self.options else [])])

    def _misspelt(self, found: str) -> str:
        near = nearest(found, [option.strip("'") for option in self.options])
        hint = f"; did you mean '{near}'?" if near is not None else ""
        quoted = describe(found).removeprefix("the text ")[1:-1]
        if self.subject and not self.types:
            listed = _one_of(self.options) if len(self.options) > 1 else f"the only one is {self.options[0]}"
            return f"unknown {self.subject} '{quoted}'{hint} ({listed})"
        return f"expected {self._wanted()}, found '{quoted}'{hint}"


def _one_of(options: Sequence[str]) -> str:
    options = list(dict.fromkeys(options))
    return options[0] if len(options) == 1 else f"one of {', '.join(options)}"


def explain(error: Any, path: Path, annotation: object, found: object) -> Fault:
    """Say in plain words what a pydantic error (an item of `ValidationError.errors()`) means."""
    sort, context = error["type"], error.get("ctx", {})
    if wanted := _TYPES.get(_TYPE_SUFFIX.sub("", sort)):
        options = tuple(f"'{kind}'" for kind in kinds_of(annotation)) if wanted == "an object" else ()
        return Fault(path, types=(wanted,), options=options, found=found)
    if sort in ("literal_error", "enum"):
        subject = "kind" if error["loc"][-1:] == ("kind",) else ""
        listed = [_IN_JSON.get(option, option) for option in _OPTION.findall(context["expected"])]
        return Fault(path, options=tuple(listed), found=found, subject=subject)
    if sort == "missing":
        return Fault(path, _missing(path, annotation))
    if sort == "union_tag_not_found":
        return _missing_kind(path, context["discriminator"], annotation, found)
    if sort in _BOUNDS:
        name, words = _BOUNDS[sort]
        return Fault(path, f"must be {words} {_plain_number(context[name])}, found {describe(found)}")
    if sort in _LENGTHS:
        return Fault(path, _length(sort, context, found))
    if sort == "string_pattern_mismatch":
        return Fault(path, f"must match the pattern {context['pattern']}, found {describe(found)}")
    if sort in ("value_error", "assertion_error"):
        return Fault(path, str(context["error"]))
    return Fault(path, str(error["msg"]))


def unknown_kind(error: Any, path: Path, found: object) -> Fault:
    """Say that a section has a kind that doesn't exist; `path` is that of the kind as written."""
    subject = error["ctx"]["discriminator"].strip("'")
    options = tuple(_OPTION.findall(error["ctx"]["expected_tags"]))
    return Fault(path, options=options, found=found, subject=subject)


def unknown_key(path: Path, known: Sequence[str]) -> Fault:
    """Say that a key isn't one of those known here."""
    return Fault(path, known=tuple(known), at_key=True)


def _unknown_key(key: str, known: Sequence[str]) -> str:
    near = nearest(key, known)
    hint = f"; did you mean '{near}'?" if near is not None else ""
    return f"unknown key '{shorten(key)}'{hint} (known here: {', '.join(known) or 'none'})"


def _missing(path: Path, annotation: object) -> str:
    if isinstance(path[-1], int):
        return "one more item is needed"
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    hint = f"; {_one_of([repr(choice) for choice in choices])}" if choices else ""
    return f"this key is missing{hint}"


def _missing_kind(path: Path, discriminator: str, annotation: object, found: object) -> Fault:
    name = discriminator.strip("'")
    near = nearest(name, found) if isinstance(found, dict) else None
    hint = f"; is '{near}' meant to be '{name}'?" if near is not None else ""
    kinds = _one_of([f"'{kind}'" for kind in kinds_of(annotation)] or ["the known kinds"])
    return Fault((*path, name), f"this key is missing{hint} ({kinds})")


def _length(sort: str, context: Any, found: object) -> str:
    words, key, unit = _LENGTHS[sort]
    bound = context[key]
    actual = len(found) if isinstance(found, str | list | dict) else context.get("actual_length")
    return f"must have {words} {bound} {unit}{'' if bound == 1 else 's'}, found {actual}"


def _plain_number(bound: object) -> str:
    return str(int(bound)) if isinstance(bound, float) and bound == round(bound, 0) < 1e15 else str(bound)


def merge(faults: Sequence[Fault]) -> list[Fault]:
    """Tell the branches of each plain union as one fault, or leave only the branch that was meant.

    A branch that got deeper into the value was meant; and one that found the right type and refused
    the value was meant more than one that wanted another type.
    """
    deeper = {fault.path[:length] for fault in faults for length in range(len(fault.path))}
    merged: dict[object, Fault] = {}
    for number, fault in enumerate(faults):
        if fault.choice is None:
            merged[number] = fault
        elif fault.path != fault.choice or fault.path not in deeper:
            earlier = merged.get(fault.path)
            merged[fault.path] = fault if earlier is None else _join(earlier, fault)
    return list(merged.values())


def _join(one: Fault, other: Fault) -> Fault:
    for fault in (one, other):
        if fault.text or fault.known is not None:
            return fault
    types = tuple(dict.fromkeys([*one.types, *other.types]))
    return replace(one, types=types, options=(*one.options, *other.options), subject=one.subject or other.subject)
