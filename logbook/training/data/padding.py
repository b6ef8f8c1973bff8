"""How much of sequences of tokens is padding: token 0 at the beginning or the end of a row."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import PaddingRecord

__all__ = ["measure_padding"]


def measure_padding(tokens: Array) -> PaddingRecord | None:
    """Return the padding of rows of tokens [N, L], or None where rows are no sequences."""
    if tokens.ndim != 2 or tokens.shape[1] < 2 or not len(tokens):
        return None
    is_zero = tokens == 0
    at_end = np.cumprod(is_zero[:, ::-1], axis=1).sum(axis=1)
    at_start = np.cumprod(is_zero, axis=1).sum(axis=1)
    longest = np.maximum(at_start, at_end)
    return PaddingRecord(
        rows=len(tokens),
        share=float(longest.mean() / tokens.shape[1]),
        padded_rows=float((longest > 0).mean()),
        empty_rows=float((longest == tokens.shape[1]).mean()),
    )
