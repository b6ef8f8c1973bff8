"""What all sections of a config share: strictness, the marks on their fields, and the bare-string shorthand.

The marks stand on the field and nowhere else. `recipe=False` keeps a field out of the recipe (it can't change
the result). `neutral` is the value at which a field does nothing: a field at its neutral value is left out of
the recipe, so that a field added in a later release changes no recipe of the past.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticUndefined
from pydantic_core.core_schema import (
    CoreSchema,
    no_info_after_validator_function,
    no_info_before_validator_function,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

__all__ = [
    "ALSO",
    "NO_NEUTRAL",
    "SHORTHAND",
    "Kwargs",
    "Many",
    "PythonTarget",
    "Section",
    "kind_of",
    "marks",
    "matching",
    "setting",
    "shorthand",
    "text_for",
]

NO_NEUTRAL = "logbook:no-neutral-value"
"""Stands for "this field has no neutral value": null is a value that a field may well be neutral at."""

SHORTHAND = "logbook:shorthand"
"""Marks, in pydantic's JSON Schema, where a bare string may stand; its value is the kind of an object without one."""


class Section(BaseModel):
    """A part of a config: frozen, strict about types, and closed to unknown keys."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,
        protected_namespaces=(),
    )


def setting(
    default: Any = PydanticUndefined,
    *,
    about: str,
    unit: str | None = None,
    source: str | None = None,
    follows: str | None = None,
    recipe: bool = True,
    neutral: Any = NO_NEUTRAL,
    **constraints: Any,
) -> Any:
    """Declare a config field; `about` is shown to people, `source` names the guide behind the default.

    `unit` is the unit of the value, `recipe` whether it can change a result, `neutral` the JSON value at which
    it does nothing; `follows` says in words what the default depends on, where it isn't the same in every config.
    Everything else is a pydantic constraint (`gt`, `le`, `max_length`, …).
    """
    extra: dict[str, Any] = {"recipe": recipe, "neutral": neutral}
    if unit is not None:
        extra["unit"] = unit
    if source is not None:
        extra["source"] = source
    if follows is not None:
        extra["follows"] = follows
    return Field(default, description=about, json_schema_extra=extra, **constraints)


def marks(model: type[BaseModel], field: str) -> tuple[bool, Any]:
    """Return `(recipe, neutral)` of a field; a field without marks is in the recipe and never neutral."""
    extra = model.model_fields[field].json_schema_extra
    if not isinstance(extra, dict):
        return True, NO_NEUTRAL
    return bool(extra.get("recipe", True)), extra.get("neutral", NO_NEUTRAL)


def kind_of(value: object) -> str | None:
    """Return the kind that a raw section asks for, `"adam"` or `{"kind": "adam"}`, or None where it has none."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        kind = value.get("kind")
        return kind if isinstance(kind, str) else None
    return getattr(value, "kind", None)


ALSO = "logbook:also"
"""Marks, in pydantic's JSON Schema, further words for a kind: the word, and the kind that it is read as."""


@dataclass(frozen=True)
class _Shorthand:
    """Reads `"adam"` as `{"kind": "adam"}`, and an object without a kind as one of the default kind."""

    default: str | None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), SHORTHAND: self.default}

    def _expand(self, value: object) -> object:
        if isinstance(value, str):
            return {"kind": value}
        if self.default is not None and isinstance(value, dict) and "kind" not in value:
            return {"kind": self.default, **value}
        return value


def shorthand(default: str | None = None) -> _Shorthand:
    """Read a bare string as the object with that kind, and an object without a kind as the default kind."""
    return _Shorthand(default)


@dataclass(frozen=True)
class _TextFor:
    """Reads a bare text as the object with that text in one field."""

    field: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "string"}]}

    def _expand(self, value: object) -> object:
        return {self.field: value} if isinstance(value, str) else value


def text_for(field: str) -> _TextFor:
    """Read a bare text as the object with that text in `field`, everything else at its default."""
    return _TextFor(field)


@dataclass(frozen=True)
class _Matching:
    """Takes only text that matches a whole pattern, and says in words what was wanted."""

    pattern: str
    wanted: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _check(self, value: str) -> str:
        if re.fullmatch(self.pattern, value) is None:
            raise ValueError(f"expected {self.wanted}, found {value!r}")
        return value


def matching(pattern: str, wanted: str) -> _Matching:
    """Take only text that matches the whole pattern; who is refused hears what is `wanted`, not the pattern."""
    return _Matching(pattern, wanted)


Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], Field(strict=False)]
"""A list in JSON, a tuple here; its items stay strict. (A before-validator hands lists over as Python lists,
which a strict tuple would refuse.)"""

Kwargs = dict[str, JsonValue]


_TARGET = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"


class PythonTarget(Section):
    """The person's own code: a callable named `package.module:callable`, and what it is called with."""

    target: Annotated[str, matching(_TARGET, "package.module:callable")] = setting(
        about="Where the callable is: package.module:callable, looked for in the config's folder first.",
        max_length=300,
    )
    kwargs: Kwargs = setting(default={}, about="Keyword arguments of the callable, as JSON.", neutral={})
