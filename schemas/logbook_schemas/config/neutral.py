"""Fields that a frozen config lacks, and fields that do nothing in it: two sides of the neutral value.

A field that a later release added is absent in the configs of before. It stands there at its neutral value, which is
the old behaviour, and not at its default, which may follow the checklist; and a field at its neutral value is no
part of the recipe. Both are read off the raw config and the marks on the fields, section by section.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from logbook_schemas.config.base import NO_NEUTRAL, kind_of, marks

__all__ = ["essence", "is_neutral", "section_for", "with_neutral_values"]


def with_neutral_values(model: type[BaseModel], raw: dict[str, Any]) -> dict[str, Any]:
    """Return a raw section with every field that it lacks at its neutral value, at any depth.

    A section that is absent as a whole and has no neutral value of its own is its default's kind with the neutral
    values of that kind. What is still missing has no neutral value and is left to the model.
    """
    whole = dict(raw)
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in whole:
            neutral = marks(model, name)[1]
            if neutral is not NO_NEUTRAL:
                whole[key] = neutral
            elif isinstance(field.default, BaseModel):
                kind = kind_of(field.default)
                whole[key] = {} if kind is None else {"kind": kind}
        if key in whole:
            whole[key] = _filled(field, whole[key])
    return whole


def essence(model: type[BaseModel], written: dict[str, Any]) -> dict[str, Any]:
    """Return a raw section less the fields outside the recipe, those at their neutral value, and those it lacks."""
    kept: dict[str, Any] = {}
    for key, field, in_recipe, neutral in _marked_fields(model):
        if in_recipe and key in written:
            core = _essence_of(field, written[key])
            if not _does_nothing(field, neutral, written[key], core):
                kept[key] = core
    return kept


def is_neutral(model: type[BaseModel], name: str, value: JsonValue) -> bool:
    """Say whether a field does nothing at this raw value: its neutral one, or a section with nothing in it."""
    field = model.model_fields[name]
    return _does_nothing(field, marks(model, name)[1], value, _essence_of(field, value))


def _does_nothing(field: FieldInfo, neutral: JsonValue, value: JsonValue, core: JsonValue) -> bool:
    """Say the same of a value whose essence is known: finding that out twice at each depth would double with each."""
    if neutral is not NO_NEUTRAL and neutral in (core, value):
        return True
    return core == {} and section_for(field, value) is not None


@cache
def _marked_fields(model: type[BaseModel]) -> tuple[tuple[str, FieldInfo, bool, Any], ...]:
    """Return each field of a model with its key in a config and its marks; kept, as a recipe asks many times."""
    fields = model.model_fields.items()
    return tuple((field.alias or name, field, *marks(model, name)) for name, field in fields)


def section_for(field: FieldInfo, raw: JsonValue) -> type[BaseModel] | None:
    """Return the model that a raw section of a field is of: the one with its kind, or the only one that there is.

    A section of before its field became a union has no kind; it is what the field's default is.
    """
    if not isinstance(raw, dict):
        return None
    models = _models_of(field)
    kind = kind_of(raw)
    named = next((model for model, of_kind in models if kind is not None and of_kind == kind), None)
    if named is not None:
        return named
    if len(models) == 1:
        return models[0][0]
    return type(field.default) if kind is None and isinstance(field.default, BaseModel) else None


def _filled(field: FieldInfo, raw: JsonValue) -> JsonValue:
    if isinstance(raw, list):
        return [_filled(field, item) for item in raw]
    model = section_for(field, raw)
    return raw if model is None or not isinstance(raw, dict) else with_neutral_values(model, raw)


def _essence_of(field: FieldInfo, raw: JsonValue) -> JsonValue:
    if isinstance(raw, list):
        return [_essence_of(field, item) for item in raw]
    model = section_for(field, raw)
    return raw if model is None or not isinstance(raw, dict) else essence(model, raw)


@cache
def _models_of(field: FieldInfo) -> tuple[tuple[type[BaseModel], object], ...]:
    """Return the models that a field speaks of, each with its kind; kept, since a recipe asks for each many times."""
    return tuple((model, _kind_default(model)) for model in _models_in(field.annotation))


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation speaks of, however deep in unions, lists and metadata."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _kind_default(model: type[BaseModel]) -> object:
    field = model.model_fields.get("kind")
    return field.default if field else None
