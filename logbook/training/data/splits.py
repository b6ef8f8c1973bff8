"""Which rows train, which validate, which test. The split has a seed of its own, apart from the run's."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.grouping import deal_groups, split_groups
from logbook_schemas.config.splits import DrawnSplit, GroupSplit, KFoldSplit, OrderedSplit, RandomSplit

__all__ = ["split_rows"]


def split_rows(
    split: DrawnSplit,
    count: int,
    *,
    validation: bool = True,
    test: bool = True,
    classes: Array | None = None,
    keys: Array | None = None,
) -> dict[str, Array]:
    """Return the rows of `train` and, where their share isn't 0, of `validation` and `test`, each in ascending order.

    `validation` and `test` say which of the two to draw: one that the source gives is not drawn again. With
    `classes` [N], int, each class keeps its share in each split as far as whole rows allow; in a random split the
    last row of a class stays in train. `keys` [N] are the groups, or what rows are ordered by. The same arguments
    give the same rows on every machine.

    Raises DataError where a split would be left without rows.
    """
    wanted = {"validation": validation, "test": test}
    shares = {name: share * wanted[name] for name, share in split.shares.items()}
    match split:
        case RandomSplit():
            return _random(np.random.Generator(np.random.PCG64(split.seed)), shares, count, classes)
        case GroupSplit():
            rng = np.random.Generator(np.random.PCG64(split.seed))
            return _nonempty(split_groups(rng, shares, _needed(keys), name=split.by))
        case OrderedSplit():
            return _in_order(shares, count, keys, split.by)
        case KFoldSplit():
            return _fold(split, shares["test"], count, classes, keys)
        case _:
            assert_never(split)


def _random(rng: np.random.Generator, shares: dict[str, float], count: int, classes: Array | None) -> dict[str, Array]:
    sizes = _sizes(shares, count)
    order = rng.permutation(count)
    if classes is not None:
        return _stratified(order, classes, shares, sizes)
    ends = np.cumsum([sizes["validation"], sizes["test"]])
    pieces = np.split(order, ends)
    return _nonempty(dict(zip(("validation", "test", "train"), pieces, strict=True)))


def _sizes(shares: dict[str, float], count: int) -> dict[str, int]:
    """Return the rows of each split, halves rounded up; raises DataError where one, or train, would have none."""
    # Adding a half and cutting rounds halves up; `round` would take them to the even neighbour.
    sizes = {name: int(share * count + 0.5) for name, share in shares.items()}
    for name, share in shares.items():
        if share > 0 and sizes[name] == 0:
            raise DataError(f"{name} {share:g} of {_rows(count)} leaves none; take a larger share, or 0 for no {name}")
    if sum(sizes.values()) >= count:
        taken = " and ".join(f"{name} {share:g}" for name, share in shares.items() if share > 0) or "the split"
        raise DataError(f"{taken} of {_rows(count)} leaves none to train on; take a smaller share")
    return sizes


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _nonempty(pieces: dict[str, Array]) -> dict[str, Array]:
    return {name: np.sort(pieces[name]) for name in ("train", "validation", "test") if len(pieces[name])}


def _needed(keys: Array | None) -> Array:
    if keys is None:
        raise ValueError("this kind of split needs the groups of the rows")
    return keys


def _stratified(order: Array, classes: Array, shares: dict[str, float], sizes: dict[str, int]) -> dict[str, Array]:
    """Deal out each class's rows, in random order: first those that validate, then those that test."""
    counts = np.bincount(classes)
    to_validation = _quotas(shares["validation"], counts, counts - 1, sizes["validation"])
    to_test = _quotas(shares["test"], counts, counts - 1 - to_validation, sizes["test"])
    for name, quotas in (("validation", to_validation), ("test", to_test)):
        if sizes[name] and not quotas.any():
            raise DataError(
                f"{name} {shares[name]:g} of {_rows(len(order))} leaves none: the classes are too small to be shared"
                " out; set data.split.stratify to false"
            )
    grouped = order[np.argsort(classes[order], kind="stable")]
    within = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.repeat(to_validation, counts)
    second = first + np.repeat(to_test, counts)
    return _nonempty(
        {
            "validation": grouped[within < first],
            "test": grouped[(within >= first) & (within < second)],
            "train": grouped[within >= second],
        }
    )


def _quotas(share: float, counts: Array, most: Array, total: int) -> Array:
    """Return how many rows of each class go to a split of `total` rows: whole shares, then largest remainders."""
    most = np.maximum(most, 0)
    exact = share * counts
    quotas = np.minimum(np.floor(exact).astype(np.int64), most)
    remainders = np.where(quotas < most, exact - quotas, -1.0)
    missing = max(0, total - int(quotas.sum()))
    takers = np.argsort(-remainders, kind="stable")[:missing]
    quotas[takers[remainders[takers] > 0]] += 1
    return quotas


def _in_order(shares: dict[str, float], count: int, keys: Array | None, by: str | None) -> dict[str, Array]:
    """Cut the ordered rows into train, validation and test; a cut that would part equal keys moves to their edge."""
    sizes = _sizes(shares, count)
    order = np.arange(count) if keys is None else np.argsort(keys, kind="stable")
    edges = np.arange(1, count)
    if keys is not None:
        edges = edges[keys[order[1:]] != keys[order[:-1]]]
    end = count
    cuts = {}
    for name, size in (("test", sizes["test"]), ("validation", sizes["validation"])):
        cuts[name] = (end, end)
        if size:
            inside = edges[edges < end]
            if name == "test" and sizes["validation"]:
                inside = inside[1:]  # one edge is needed between train and validation
            if not len(inside):
                raise DataError(
                    f"column '{by}' has too few different values to cut {_rows(count)} in"
                    f" {1 + sum(size > 0 for size in sizes.values())} parts: rows with the same value stay together"
                )
            start = int(inside[np.argmin(np.abs(inside - (end - size)))])
            cuts[name], end = (start, end), start
    pieces = {name: order[start:stop] for name, (start, stop) in cuts.items()}
    return _nonempty({**pieces, "train": order[:end]})


def _fold(split: KFoldSplit, test: float, count: int, classes: Array | None, keys: Array | None) -> dict[str, Array]:
    """Set the test rows aside, deal the others out to the folds, and let one of these validate."""
    rng = np.random.Generator(np.random.PCG64(split.seed))
    kept, aside = np.arange(count), np.array([], dtype=np.int64)
    if test > 0:
        shares = {"validation": 0.0, "test": test}
        drawn = _random(rng, shares, count, classes) if keys is None else split_groups(rng, shares, keys, name=split.by)
        kept, aside = np.sort(drawn["train"]), drawn["test"]
    if keys is not None:
        parts = deal_groups(rng, split.folds, keys[kept], name=split.by)
    else:
        parts = _deal_rows(rng, split.folds, len(kept), None if classes is None else classes[kept])
    validates = parts == split.fold - 1
    return _nonempty({"train": kept[~validates], "validation": kept[validates], "test": aside})


def _deal_rows(rng: np.random.Generator, folds: int, count: int, classes: Array | None) -> Array:
    """Return the fold of each row, from 0: folds, and each class's share in them, differ by at most one row."""
    if count < folds:
        raise DataError(f"{folds} folds of {_rows(count)} leave some without any; take fewer folds")
    order = rng.permutation(count)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    parts = np.empty(count, dtype=np.int64)
    parts[order] = np.arange(count) % folds
    return parts
