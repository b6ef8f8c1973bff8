"""Which rows train, which validate, which test. The split has a seed of its own, apart from the run's."""

from __future__ import annotations

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook_schemas.config.splits import RandomSplit

__all__ = ["split_rows"]


def split_rows(
    split: RandomSplit, count: int, *, validation: bool = True, test: bool = True, classes: Array | None = None
) -> dict[str, Array]:
    """Return the rows of `train` and, where their share isn't 0, of `validation` and `test`, each in ascending order.

    `validation` and `test` say which of the two to draw: one that the source gives is not drawn again. With
    `classes` [N], int, each class keeps its share in each split as far as whole rows allow; the last row of a
    class stays in train. The same arguments give the same rows on every machine.

    Raises DataError where a split would be left without rows.
    """
    shares = {"validation": split.validation * validation, "test": split.test * test}
    # Adding a half and cutting rounds halves up; `round` would take them to the even neighbour.
    sizes = {name: int(share * count + 0.5) for name, share in shares.items()}
    _check_sizes(shares, sizes, count)
    rng = np.random.Generator(np.random.PCG64(split.seed))
    order = rng.permutation(count)
    if classes is not None:
        return _stratified(order, classes, shares, sizes)
    ends = np.cumsum([sizes["validation"], sizes["test"]])
    pieces = np.split(order, ends)
    return _nonempty(dict(zip(("validation", "test", "train"), pieces, strict=True)))


def _check_sizes(shares: dict[str, float], sizes: dict[str, int], count: int) -> None:
    for name, share in shares.items():
        if share > 0 and sizes[name] == 0:
            raise DataError(f"{name} {share:g} of {_rows(count)} leaves none; take a larger share, or 0 for no {name}")
    if sum(sizes.values()) >= count:
        taken = " and ".join(f"{name} {share:g}" for name, share in shares.items() if share > 0) or "the split"
        raise DataError(f"{taken} of {_rows(count)} leaves none to train on; take a smaller share")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _nonempty(pieces: dict[str, Array]) -> dict[str, Array]:
    return {name: np.sort(pieces[name]) for name in ("train", "validation", "test") if len(pieces[name])}


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
