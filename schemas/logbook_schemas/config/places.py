"""A recipe as places, so that two recipes have a distance: each setting lies somewhere on a line of its own.

A setting is named by its path with the kinds of the sections around it (`optimizer{adam}.lr`), so that a rate of adam
and a rate of sgd are two settings: they have different scales. Where it lies follows from what it is:

    a positive number     its common logarithm: 1e-3 and 1e-4 are as far apart as 1e-4 and 1e-5, namely 1
    a share (0 to 1)      its common log odds: 0.9 and 0.99 are about 1 apart, and so are 0.1 and 0.01
    a negative number     as a positive one, in a region of its own
    0, and a share of 1   a place of its own: switched off, or all of it
    a text, true, null    a place for each value; so is a seed, which is a name and no size

Places of different regions, and two texts, count as 1: a changed category. So a factor of 10 in a number weighs as much
as a changed category, and nothing here is tuned. A list of values is its values, each a setting of its own.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from logbook_schemas.config.leaves import is_share

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["DATA_WEIGHT", "SAME_REGION", "is_kind", "kind_of_section", "places", "section_of", "weight_of"]

SAME_REGION = 700.0
"""Two places further apart lie in different regions: no two numbers differ by a factor of 10^700."""

DATA_WEIGHT = 10.0
"""What a change of the task or of the data weighs: ten other changes. A run on other data is hardly a precedent."""

_NEGATIVE, _ZERO, _ONE, _CATEGORY = 2e3, 4e3, 6e3, 1e4
_KIND = re.compile(r"[\w.-]+")
_OF_THE_DATA = ("task", "data.source", "kind")


def places(recipe: dict[str, JsonValue]) -> dict[str, float]:
    """Return where each setting of a recipe lies."""
    return dict(_places(recipe, "", "")) if recipe else {}


def is_kind(setting: str) -> bool:
    """Say whether a setting is the kind of a section: what lies in that section comes and goes with it."""
    return setting.endswith(".kind")


def section_of(setting: str) -> str:
    """Return the innermost section with a kind that a setting lies in, `optimizer{adam}`; empty where there is none.

    The kind of a section lies in the section around it.
    """
    return setting[: setting.rfind("}") + 1]


def kind_of_section(section: str) -> tuple[str, float]:
    """Return the setting that is a section's kind, and where it lies."""
    path, _, kind = section.removesuffix("}").rpartition("{")
    return f"{path}.kind", _place(kind, "")


def weight_of(setting: str) -> float:
    """Return what a change of a setting weighs."""
    is_of_the_data = any(setting == path or setting.startswith((f"{path}.", f"{path}{{")) for path in _OF_THE_DATA)
    return DATA_WEIGHT if is_of_the_data else 1.0


def _places(value: JsonValue, path: str, plain_path: str) -> Iterator[tuple[str, float]]:
    """Yield what lies below a path; `plain_path` is the path without kinds."""
    if isinstance(value, dict) and value:
        kind = value.get("kind")
        inner = f"{path}{{{kind}}}" if path and isinstance(kind, str) and _KIND.fullmatch(kind) else path
        for key, child in value.items():
            outer = path if key == "kind" else inner
            # A person's own key may hold what marks a kind here.
            name = key.replace("{", "%7B").replace("}", "%7D")
            yield from _places(child, *(f"{one}.{name}" if one else name for one in (outer, plain_path)))
    elif isinstance(value, list):
        yield path, _category("[]")
        for index, child in enumerate(value):
            yield from _places(child, f"{path}[{index}]", f"{plain_path}[{index}]")
    else:
        yield path, _place(value, plain_path)


def _place(value: JsonValue, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or path.endswith("seed"):
        return _category(json.dumps(value, sort_keys=True))
    if value == 0:
        return _ZERO
    if is_share(path) and 0 < value <= 1:
        return _ONE if value == 1 else math.log10(value) - math.log10(1 - value)
    return math.log10(value) if value > 0 else _NEGATIVE + math.log10(-value)


def _category(text: str) -> float:
    """Return a place for a text: 40 bits of its hash, a thousand apart."""
    return _CATEGORY + 1e3 * int.from_bytes(hashlib.sha256(text.encode()).digest()[:5], "big")
