"""A document checked against its pydantic model: the model, or every fault with its place, at once.

pydantic stops at a `kind` that it doesn't know and says nothing of the rest of that section. So the
section is checked again under the nearest kind that exists, until no misspelt one is left; what is
found on the way is reported together.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from logbook_schemas.reading.document import Document, Json
from logbook_schemas.reading.messages import Fault, explain, merge, unknown_key, unknown_kind
from logbook_schemas.reading.problems import MAX_SHOWN, Path, ReadingError
from logbook_schemas.reading.shapes import Target, keys_of, walk
from logbook_schemas.reading.spelling import nearest

__all__ = ["validate"]

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M]) -> M:
    """Make the model from a document; the values it leaves out get the model's defaults.

    Raises ReadingError with every fault, in file order, those of options after them.
    """
    errors = _errors(document.value, model)
    if isinstance(errors, list):
        faults = merge(_Check(document, model).faults(errors))
        faults.sort(key=lambda fault: document.order(fault.path, at_key=fault.at_key))
        # Messages look for near spellings, which is slow: none is made that isn't shown.
        shown = [document.problem(f.path, f.message, at_key=f.at_key) for f in faults[:MAX_SHOWN]]
        raise ReadingError(shown, more=len(faults) - len(shown))
    return errors


def _errors(value: Json, model: type[M]) -> M | list[Any]:
    try:
        # From text, because a strict model takes a list for a tuple only from there.
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        return error.errors(include_url=False)


class _Check:
    """Turns a model's errors into faults, correcting misspelt kinds in a copy of the value."""

    def __init__(self, document: Document, model: type[BaseModel]) -> None:
        self.model = model
        self.written = document.value
        self.corrected = copy.deepcopy(document.value)

    def faults(self, errors: list[Any]) -> list[Fault]:
        misspelt: list[Fault] = []
        while True:
            # A corrected kind is valid, so each round has fewer to correct, and the last has none.
            if not (kinds := [self.fault(error) for error in errors if self.correct(error)]):
                return [*misspelt, *map(self.fault, errors)]
            misspelt += kinds
            again = _errors(self.corrected, self.model)
            if not isinstance(again, list):
                return misspelt
            errors = again

    def correct(self, error: Any) -> bool:
        """Put the nearest kind in the place of an unknown one; false if there is nothing to correct."""
        if error["type"] != "union_tag_invalid":
            return False
        target = self.target(error)
        fault = self.fault(error)
        near = nearest(str(fault.found), [option.strip("'") for option in fault.options])
        # A bare text in a plain union (`"none" | Clip`) may be any branch; a guess would invent faults.
        if near in (None, fault.found) or fault.path == target.choice:
            return False
        # What a validator of the model made of the value, or what is corrected already, isn't there.
        if not isinstance(fault.found, str) or _value(self.corrected, fault.path, None) != fault.found:
            return False
        self.corrected = _replaced(self.corrected, fault.path, near)
        return True

    def fault(self, error: Any) -> Fault:
        target = self.target(error)
        path = self.short_form(target.path)
        found = _value(self.written, path, error["input"])
        if error["type"] == "extra_forbidden":
            owner = walk(self.model, error["loc"][:-1])
            fault = unknown_key(path, keys_of(owner.annotation) if owner else ())
        elif error["type"] == "union_tag_invalid":
            kind = error["ctx"]["discriminator"].strip("'")
            path = (*path, kind) if isinstance(found, dict) else path
            fault = unknown_kind(error, path, found.get(kind) if isinstance(found, dict) else found)
        else:
            fault = explain(error, path, target.annotation, error["input"] if target.key else found)
        return _placed(fault, target)

    def short_form(self, path: Path) -> Path:
        """The path of a bare text that stands for an object of that kind, if this is the path of its kind."""
        return path[:-1] if path[-1:] == ("kind",) and isinstance(_value(self.written, path[:-1], None), str) else path

    def target(self, error: Any) -> Target:
        loc: Path = error["loc"]
        return walk(self.model, loc) or Target(_by_value(self.written, loc), None)


def _placed(fault: Fault, target: Target) -> Fault:
    return replace(fault, choice=target.choice, at_key=fault.at_key or target.key)


def _value(value: Json, path: Path, otherwise: object) -> object:
    """What stands at a path as written; `otherwise` where nothing does."""
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return otherwise
    return value


def _replaced(value: Json, path: Path, new: Json) -> Json:
    if not path:
        return new
    if isinstance(value, dict):
        value[str(path[0])] = _replaced(value[str(path[0])], path[1:], new)
    elif isinstance(value, list):
        value[int(path[0])] = _replaced(value[int(path[0])], path[1:], new)
    return value


def _by_value(value: Json, loc: Path) -> Path:
    """The steps of a `loc` that stand in the file, for types that the walk doesn't know."""
    path: Path = ()
    for step in loc:
        if _value(value, (*path, step), _ABSENT) is not _ABSENT:
            path = (*path, step)
    return path


_ABSENT = object()
