"""What all sections of a config share: strictness, the marks on their fields, and the bare-string shorthand.

The marks stand on the field and nowhere else. `recipe=False` keeps a field out of the recipe (it can't change
the result). `neutral` is the value at which a field does nothing: a field at its neutral value is left out of
the recipe, so that a field added in a later release changes no recipe of the past.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import PydanticUndefined

__all__ = [
    "NO_NEUTRAL",
    "Kwargs",
    "Many",
    "PythonTarget",
    "Section",
    "kind_of",
    "marks",
    "matching",
    "setting",
    "shorthand",
]

NO_NEUTRAL = "logbook:no-neutral-value"
"""Stands for "this field has no neutral value": null is a value that a field may well be neutral at."""


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
    recipe: bool = True,
    neutral: Any = NO_NEUTRAL,
    **constraints: Any,
) -> Any:
    """Declare a config field; `about` is shown to people, `source` names the guide behind the default.

    `unit` is the unit of the value, `recipe` whether it can change a result, `neutral` the JSON value at which
    it does nothing. Everything else is a pydantic constraint (`gt`, `le`, `max_length`, …).
    """
    extra: dict[str, Any] = {"recipe": recipe, "neutral": neutral}
    if unit is not None:
        extra["unit"] = unit
    if source is not None:
        extra["source"] = source
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


def shorthand(default: str | None = None) -> BeforeValidator:
    """Read a bare string as the object with that kind, and an object without a kind as the default kind."""

    def expand(value: object) -> object:
        if isinstance(value, str):
            return {"kind": value}
        if default is not None and isinstance(value, dict) and "kind" not in value:
            return {"kind": default, **value}
        return value

    return BeforeValidator(expand)


def matching(pattern: str, wanted: str) -> AfterValidator:
    """Take only text that matches the whole pattern; who is refused hears what is `wanted`, not the pattern."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {wanted}, found {value!r}")
        return value

    return AfterValidator(check)


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
