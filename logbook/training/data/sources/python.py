"""The person's own data: a callable that returns examples, examples already split, or Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset, IterableDataset

from logbook.errors import DataError
from logbook.training.data.arrays import Array, as_array, examples_of, extra_of
from logbook.training.data.sources.raw import WHOLE, Examples, RawData
from logbook.training.own_code.targets import call_target, load_target
from logbook_schemas.config.sources import PythonSource
from logbook_schemas.reading import nearest

__all__ = ["load_python", "raw_from"]

_SPLITS = ("train", "validation", "test")
_EXPECTED = (
    "expected (inputs, targets), or {'train': (x, y), 'validation': (x, y), 'test': (x, y)},"
    " or torch Datasets in these places; a third value may name what rows are split by: groups, or {'name': values}"
)


def load_python(source: PythonSource, folder: Path) -> RawData:
    """Call the person's data function. Raises DataError when it returns something that is no data."""
    function = load_target(source.target, folder)
    returned = call_target(function, source.target, source.kwargs)
    return raw_from(returned, source.target)


def raw_from(returned: object, target: str) -> RawData:
    """Read what a data function returned; `target` names it in messages."""
    values: dict[str, object] = {WHOLE: returned}
    if isinstance(returned, Mapping):
        _check_names(returned, target)
        values = {name: value for name, value in returned.items() if value is not None}
    streamed = {name: value for name, value in values.items() if isinstance(value, Dataset)}
    if streamed and len(streamed) < len(values):
        raise DataError(f"{target} returned Datasets and arrays side by side; expected one or the other")
    label = f"python {target}"
    if streamed:
        for name, dataset in streamed.items():
            _check_dataset(dataset, f"{target}: {name}")
        return RawData(label=label, datasets=streamed, classes=_class_names(streamed))
    return RawData(label=label, parts={name: _pair(value, name, target) for name, value in values.items()})


def _check_names(places: Mapping[Any, object], target: str) -> None:
    for name in places:
        if name not in _SPLITS:
            near = nearest(str(name), _SPLITS)
            hint = f"; did you mean '{near}'?" if near else ""
            raise DataError(f"{target} returned a dict with {name!r}; expected train, validation, test{hint}")
    if places.get("train") is None:
        found = ", ".join(map(str, places)) or "nothing"
        raise DataError(f"{target} returned a dict without 'train' (it holds {found}); {_EXPECTED}")


def _pair(value: object, name: str, target: str) -> Examples:
    place = "" if name == WHOLE else f" as '{name}'"
    if not isinstance(value, tuple | list) or not (len(value) == 2 or (len(value) == 3 and _is_extra(value[2]))):
        raise DataError(f"{target} returned {_describe(value)}{place}; {_EXPECTED}")
    where = target if name == WHOLE else f"{target}: {name}"
    inputs = as_array(value[0], where=f"{where}: the array of inputs")
    targets = as_array(value[1], where=f"{where}: the array of targets")
    pair = examples_of(inputs, targets, where=where)
    return Examples(*pair, _extra(value[2], len(pair[0]), where) if len(value) == 3 else {})


def _is_extra(value: object) -> bool:
    return isinstance(value, Mapping) or getattr(value, "ndim", None) == 1 or isinstance(value, list)


def _extra(value: object, count: int, where: str) -> dict[str, Array]:
    """Return the named columns of the third value; a bare array is called `groups`."""
    named = value if isinstance(value, Mapping) else {"groups": value}
    arrays = {str(name): as_array(one, where=f"{where}: '{name}'") for name, one in named.items()}
    return extra_of(arrays, count, where=where)


def _describe(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, tuple | list):
        return f"a {kind} of {len(value)}"
    shape = getattr(value, "shape", None)
    return f"an object of type {kind}" + (f" and shape {tuple(shape)}" if isinstance(shape, tuple) else "")


def _check_dataset(dataset: Dataset[Any], where: str) -> None:
    if isinstance(dataset, IterableDataset) or not hasattr(dataset, "__len__"):
        raise DataError(f"{where} is a Dataset without a length; expected one with __len__ and __getitem__")
    if len(dataset) == 0:
        raise DataError(f"{where} is an empty Dataset; expected at least one example")


def _class_names(datasets: Mapping[str, Dataset[Any]]) -> tuple[str, ...]:
    """Return the `classes` of the training Dataset, where it has them, as torchvision's do."""
    names = getattr(next(iter(datasets.values())), "classes", None)
    return tuple(map(str, names)) if isinstance(names, tuple | list) else ()
