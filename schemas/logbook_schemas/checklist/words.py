"""How findings write numbers, shares and lists, so that every message reads alike."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["count", "listing", "number", "percent"]


def number(value: float) -> str:
    """Return a number with at most four significant digits: 0.001, 2.303, 1e-07, NaN."""
    if value != value:
        return "NaN"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.4g}"


def percent(share: float) -> str:
    """Return a share as a percentage with at most three significant digits."""
    return f"{100 * share:.3g} %"


def count(amount: int, thing: str) -> str:
    """Return an amount with its noun: 1 row, 3 rows, 2 classes."""
    if amount == 1:
        return f"1 {thing}"
    return f"{amount:,} {thing}es" if thing.endswith("s") else f"{amount:,} {thing}s"


def listing(items: Sequence[str], *, limit: int = 5) -> str:
    """Return the first few items joined by commas, and how many more there are."""
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"
