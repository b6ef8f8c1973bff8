"""How a ratio is measured: interleaved pairs, the median of the pairs' ratios, a bootstrap interval.

A goal is met where the interval's lower end is at or below it: a noisy machine can't fail it by chance alone.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["PAIRS", "Ratio", "interleaved", "ratio_of", "timed"]

PAIRS = 15


@dataclass(frozen=True)
class Ratio:
    """Ours over theirs: the median of the pairs' ratios and its 95 % interval; seconds are medians."""

    what: str
    goal: float | None
    median: float
    low: float
    high: float
    ours: float
    theirs: float
    pairs: int

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.low <= self.goal

    def row(self) -> str:
        """Return the line of a Markdown table."""
        goal = "" if self.goal is None else f"{self.goal:.2f}"
        met = "" if self.goal is None else ("yes" if self.is_met else "**no**")
        return (
            f"| {self.what} | {self.median:.2f} | {self.low:.2f} to {self.high:.2f} | {goal} | {met} |"
            f" {1000 * self.ours:.2f} ms | {1000 * self.theirs:.2f} ms | {self.pairs} |"
        )


def timed(act: Callable[[], object]) -> float:
    """Return how many seconds `act` takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def interleaved(
    what: str, ours: Callable[[], object], theirs: Callable[[], object], *, goal: float | None, pairs: int = PAIRS
) -> Ratio:
    """Return the ratio of two actions that take turns, after one turn each that doesn't count."""
    timed(ours), timed(theirs)
    return ratio_of(what, [(timed(ours), timed(theirs)) for _ in range(pairs)], goal=goal)


def ratio_of(what: str, pairs: Sequence[tuple[float, float]], *, goal: float | None) -> Ratio:
    """Return the ratio of measured pairs of seconds."""
    ratios = [one / other for one, other in pairs]
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return Ratio(
        what=what,
        goal=goal,
        median=statistics.median(ratios),
        low=medians[50],
        high=medians[-51],
        ours=statistics.median(one for one, _ in pairs),
        theirs=statistics.median(other for _, other in pairs),
        pairs=len(pairs),
    )
