"""Records to and from plain JSON values, without pydantic's validators and serializers.

What the writer wrote was validated when it was written. Building a validator for each kind of record, only to read
a run back, takes longer than everything else that `logbook show` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin

from logbook_schemas.records.base import Record

__all__ = ["plain", "rebuild"]

One = TypeVar("One", bound=Record)
Convert = Callable[[Any], Any]

_set = object.__setattr__
"""Past the refusal of a frozen record."""


def rebuild(model: type[One], values: dict[str, Any]) -> One:
    """Return the record that was written as these JSON values, equal to what validating them gives.

    Fields of a later release are left out. Raises ValueError where a field is missing, and ValueError, TypeError or
    AttributeError where a value is not of its field's shape.
    """
    converters, constants, made, required = _fields(model)
    if not required <= values.keys():
        raise ValueError(f"{model.__name__} lacks {', '.join(sorted(required - values.keys()))}")
    known = {name: _converted(convert, values[name]) for name, convert in converters.items() if name in values}
    # What `model_construct` does, which looks each default up anew for each record: half the time of reading a run.
    record = model.__new__(model)
    fresh = {name: make() for name, make in made.items() if name not in known}
    _set(record, "__dict__", {**constants, **fresh, **known})
    _set(record, "__pydantic_fields_set__", set(known))
    _set(record, "__pydantic_extra__", None)
    _set(record, "__pydantic_private__", None)
    return record


def plain(value: Any) -> Any:
    """Return a record, or what holds records, as JSON values: the same as `model_dump_json` writes."""
    if isinstance(value, Record):
        return {name: plain(one) for name, one in value}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


@cache
def _fields(
    model: type[Record],
) -> tuple[dict[str, Convert | None], dict[str, Any], dict[str, Callable[[], Any]], frozenset[str]]:
    """Return how each field is read, None for as it is; the defaults, those that are made anew; what has none."""
    fields = model.model_fields
    constants, made = dict[str, Any](), dict[str, Callable[[], Any]]()
    for name, field in fields.items():
        constants[name] = None  # each field has its place, whichever are known
        if not field.is_required():
            constants[name] = default = field.get_default(call_default_factory=True)
            if not (default is None or isinstance(default, str | int | float) or default == ()):
                # A factory by itself: `get_default` asks each time how many arguments it takes.
                made[name] = cast("Callable[[], Any]", field.default_factory or partial(field.get_default))
    return (
        {name: _converter(field.annotation) for name, field in fields.items()},
        constants,
        made,
        frozenset(name for name, field in fields.items() if field.is_required()),
    )


def _converter(annotation: Any) -> Convert | None:
    """Return what makes a field's value of its JSON form; None where they are the same."""
    if annotation is float:
        return float  # JSON has one kind of number, and names for those that aren't finite
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return partial(rebuild, annotation)
    inner = [_converter(one) for one in get_args(annotation) if one not in (NoneType, Ellipsis)]
    origin = get_origin(annotation)
    if origin is tuple:
        return partial(_each, inner[0])
    if origin is dict and inner[1]:
        return partial(_each_value, inner[1])
    # What is left to convert is optional: one alternative beside None.
    return inner[0] if len(inner) == 1 else None


def _converted(convert: Convert | None, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


def _each(convert: Convert | None, values: list[Any]) -> tuple[Any, ...]:
    return tuple(_converted(convert, value) for value in values)


def _each_value(convert: Convert, values: dict[str, Any]) -> dict[str, Any]:
    return {key: _converted(convert, value) for key, value in values.items()}
