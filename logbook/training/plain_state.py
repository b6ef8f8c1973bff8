"""States as tensors and plain containers, and back: what `torch.load(weights_only=True)` reads again.

An optimizer or a module of the person's own may keep a deque, or numbers of NumPy, in its state. These are written as
a dict that names their kind, and come back as they were. What has no such form is refused when the checkpoint is
written: at the resume it would be too late.
"""

from __future__ import annotations

import copy
import io
import pickle
from collections import OrderedDict, deque
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["UnkeepableError", "from_plain", "to_plain"]

_KIND = "logbook:kind"
_LEAVES = (type(None), bool, int, float, complex, str, bytes)
_CONTAINERS = (dict, OrderedDict)
_NUMBERS = "biufcSUmM"
"""Kinds of NumPy's types whose bytes are the whole value: numbers, texts, points in time; no objects."""


class UnkeepableError(Exception):
    """A state that a checkpoint can't hold; the message says whose it is and what in it."""


def to_plain(value: Any, owner: str) -> Any:
    """Return a state in plain form; the very same object where it is plain already.

    `owner` names it in the message ("the optimizer's state"). Raises UnkeepableError.
    """
    if type(value) is bytes and not value:  # pickled as a call of `bytes`, which is refused when it is read
        return {_KIND: "no bytes"}
    if isinstance(value, Tensor) or type(value) in _LEAVES:
        return value
    if type(value) in _CONTAINERS:
        return _plain_dict(value, owner)
    if type(value) in (list, tuple):
        items = [to_plain(one, owner) for one in value]
        return value if all(map(_is, items, value)) else type(value)(items)
    if type(value) is deque:
        return {_KIND: "deque", "maxlen": value.maxlen, "items": [to_plain(one, owner) for one in value]}
    if type(value) is frozenset:
        return {_KIND: "frozenset", "items": [to_plain(one, owner) for one in value]}
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in _NUMBERS:
        is_scalar = isinstance(value, np.generic)
        content = to_plain(value.tobytes(), owner)
        form = {"dtype": value.dtype.str, "shape": value.shape, "bytes": content, "is_scalar": is_scalar}
        return {_KIND: "numpy", **form}
    if _survives(value):
        return value
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    raise UnkeepableError(f"{owner} holds a {name}, which a checkpoint can't keep")


def from_plain(value: Any) -> Any:
    """Return the state that `to_plain` was given."""
    if type(value) in (list, tuple):
        return type(value)([from_plain(one) for one in value])
    if type(value) not in _CONTAINERS:
        return value
    match value.get(_KIND):
        case "no bytes":
            return b""
        case "deque":
            return deque(map(from_plain, value["items"]), value["maxlen"])
        case "frozenset":
            return frozenset(map(from_plain, value["items"]))
        case "numpy":
            array = np.frombuffer(from_plain(value["bytes"]), dtype=value["dtype"]).reshape(value["shape"]).copy()
            return array[()] if value["is_scalar"] else array
        case _:
            for key, one in value.items():
                value[key] = from_plain(one)
            return value


def _plain_dict(value: dict[Any, Any], owner: str) -> dict[Any, Any]:
    items = {}
    for key, one in value.items():
        if to_plain(key, owner) is not key:
            raise UnkeepableError(f"{owner} holds a key of type {type(key).__name__}, which a checkpoint can't keep")
        items[key] = to_plain(one, owner)
    if all(items[key] is one for key, one in value.items()):
        return value
    # A state_dict carries the versions of its modules as an attribute, which a copy has too.
    changed = copy.copy(value)
    changed.update(items)
    return changed


def _is(one: object, other: object) -> bool:
    return one is other


def _survives(value: object) -> bool:
    """Say whether a value of an unforeseen kind (a dtype, a Counter) is written and read again."""
    file = io.BytesIO()
    try:
        torch.save(value, file)
        file.seek(0)
        torch.load(file, weights_only=True)
    except (pickle.PickleError, RuntimeError, TypeError, AttributeError, ValueError):
        return False
    return True
