"""Made-up sequences: the copy task and parity. No row stands twice, so that no split shares one with another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook_schemas.config.sequences import Copy, Parity

__all__ = ["copy_names", "draw_copy", "draw_parity"]

_BLANK = 0


def draw_copy(pattern: Copy, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return inputs int32 and targets int64, both [N, 2 length + delay].

    Token 0 is the blank, 1 to `symbols` are the symbols, and the next is the mark, one token before the first symbol
    is wanted: at the last `length` positions. Everywhere else nothing is counted.
    """
    length = pattern.length
    symbols = _distinct(
        lambda count: rng.integers(1, pattern.symbols + 1, size=(count, length)), rows, pattern.distinct
    )
    inputs = np.full((rows, 2 * length + pattern.delay), _BLANK, dtype=np.int32)
    inputs[:, :length] = symbols
    inputs[:, length + pattern.delay - 1] = pattern.symbols + 1
    targets = np.full(inputs.shape, NOT_COUNTED, dtype=np.int64)
    targets[:, -length:] = symbols
    return inputs, targets


def copy_names(pattern: Copy) -> tuple[str, ...]:
    """Return the names of the tokens, in order."""
    return ("_", *map(str, range(1, pattern.symbols + 1)), ">")


def draw_parity(pattern: Parity, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return inputs float64 [N, bits] of -1 and 1, and targets int64 [N]: 1 where the number of ones is odd."""
    bits = _distinct(lambda count: rng.integers(0, 2, size=(count, pattern.bits)), rows, pattern.distinct)
    return 2.0 * bits - 1.0, bits.sum(axis=1) % 2


def _distinct(draw: Callable[[int], Array], rows: int, possible: float) -> Array:
    """Return `rows` different rows in random order, drawn until there are enough."""
    found = draw(rows)
    while True:
        _, first = np.unique(found, axis=0, return_index=True)
        found = found[np.sort(first)]
        if len(found) >= rows:
            return found[:rows]
        # The more of the possible rows are taken, the more draws are lost.
        lost = len(found) / possible
        found = np.concatenate([found, draw(int((rows - len(found)) / max(1 - lost, 0.01)) + 10)])
