"""Curves as text. Dots are drawn on a grid of 2 by 4 to a character, then shown as braille, marks or ASCII.

A value that isn't finite leaves a gap: a line across it would claim what nobody measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

__all__ = ["Look", "chart", "needs_log_axis", "sparkline"]

Look = Literal["braille", "marks", "ascii"]
Values = Sequence[float | None]

_LINEAR_SPAN = 1000.0
"""Largest over smallest value, up to which a linear axis of some 50 dots still shows a curve's end; our own."""

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-=+*#@"
_MARKS = {"braille": "⣿⣿⣿⣿⣿⣿", "marks": "●○▲△■□", "ascii": "*o+x#%"}
_DOT_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def sparkline(values: Values, width: int = 20, *, ascii_only: bool = False) -> str:
    """Return the curve as one line of at most `width` blocks, lowest to highest; a gap where nothing is finite."""
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    means = [_finite_mean(values[start:stop]) for start, stop in _buckets(len(values), width)]
    finite = [mean for mean in means if mean is not None]
    if not finite:
        return " " * len(means)
    low, span = min(finite), max(finite) - min(finite)
    return "".join(" " if mean is None else blocks[_level(mean, low, span, len(blocks))] for mean in means)


def needs_log_axis(series: Iterable[Values]) -> bool:
    """Say whether all that is finite lies above 0 and spans so much that a linear axis would show its peak alone."""
    finite = [value for values in series for value in values if value is not None and math.isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) / min(finite) > _LINEAR_SPAN


def chart(
    series: Mapping[str, Values],
    *,
    width: int = 60,
    height: int = 12,
    log: bool = False,
    look: Look = "braille",
    paint: Callable[[str, int], str] = lambda text, _: text,
    ends: tuple[str, str] | None = None,
) -> str:
    """Return the curves over epochs 1, 2, … as lines of text: plot, axis labels and legend. `ends` are what the axis
    says at its ends, where it isn't epochs.

    `width` and `height` are those of the plot in characters. `log` takes the logarithm of the values; what isn't
    above 0 leaves a gap, and the legend names the axis. `paint(text, index)` colours what belongs to the series with
    that index.
    """
    scaled = {name: [_scaled(value, log) for value in values] for name, values in series.items()}
    finite = [value for values in scaled.values() for value in values if value is not None]
    if not finite:
        return "(nothing finite to draw)"
    low, high = min(finite), max(finite)
    canvas = _Canvas(width, height)
    longest = max(map(len, scaled.values()))
    for index, values in enumerate(scaled.values()):
        _draw(canvas, index, values, longest=longest, low=low, high=high)
    labels = _y_labels(low, high, height, log)
    margin = max(map(len, labels))
    lines = [
        f"{label:>{margin}} {'|' if look == 'ascii' else '┤'}{row}"
        for label, row in zip(labels, canvas.rows(look, paint), strict=True)
    ]
    marks = ends or ("1", str(longest) if longest > 1 else "")
    names = [paint(_MARKS[look][index % 6], index) + " " + name for index, name in enumerate(series)]
    return "\n".join(
        [
            *lines,
            *_foot(margin, width, marks, look),
            " " * (margin + 2) + "   ".join([*names, *(["logarithmic axis"] if log else [])]),
        ]
    )


class _Canvas:
    """Dots by series; a cell is shown as the series that has most dots in it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots: dict[tuple[int, int], dict[int, int]] = {}

    def dot(self, series: int, x: int, y: int) -> None:
        """Set the dot at x from the left and y from the bottom."""
        row, column = self.height - 1 - y // 4, x // 2
        bits = self._dots.setdefault((row, column), {})
        bits[series] = bits.get(series, 0) | _DOT_BITS[x % 2][3 - y % 4]

    def rows(self, look: Look, paint: Callable[[str, int], str]) -> Iterator[str]:
        """Yield the plot's lines from the top."""
        for row in range(self.height):
            cells = [self._cell(self._dots.get((row, column)), look, paint) for column in range(self.width)]
            yield "".join(cells).rstrip(" ")

    @staticmethod
    def _cell(bits: Mapping[int, int] | None, look: Look, paint: Callable[[str, int], str]) -> str:
        if not bits:
            return " "
        series = max(bits, key=lambda index: (bits[index].bit_count(), index))
        if look != "braille":
            return paint(_MARKS[look][series % 6], series)
        together = 0
        for own in bits.values():
            together |= own
        return paint(chr(0x2800 + together), series)


def _draw(canvas: _Canvas, series: int, values: Values, *, longest: int, low: float, high: float) -> None:
    before: tuple[int, int] | None = None
    for place, value in enumerate(values):
        if value is None:
            before = None
            continue
        x = round(place / max(longest - 1, 1) * (canvas.width * 2 - 1))
        y = _level(value, low, high - low, canvas.height * 4)
        for dot_x, dot_y in _line(before or (x, y), (x, y)):
            canvas.dot(series, dot_x, dot_y)
        before = (x, y)


def _line(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        share = step / steps
        yield round(start[0] + share * (end[0] - start[0])), round(start[1] + share * (end[1] - start[1]))


def _scaled(value: float | None, log: bool) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    if not log:
        return value
    return math.log10(value) if value > 0 else None


def _y_labels(low: float, high: float, height: int, log: bool) -> list[str]:
    labels = [""] * height
    for row in {0, height // 2, height - 1}:
        value = high - (high - low) * row / max(height - 1, 1)
        labels[row] = f"{10**value if log else value:.4g}"
    return labels


def _foot(margin: int, width: int, ends: tuple[str, str], look: Look) -> tuple[str, str]:
    corner, dash = ("+", "-") if look == "ascii" else ("└", "─")
    first, last = ends
    between = " " * max(1, width - len(first) - len(last)) if last else ""
    return " " * (margin + 1) + corner + dash * width, " " * (margin + 2) + first + between + last


def _buckets(count: int, width: int) -> Iterator[tuple[int, int]]:
    parts = min(count, max(width, 1))
    for part in range(parts):
        yield part * count // parts, (part + 1) * count // parts


def _finite_mean(values: Values) -> float | None:
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return sum(finite) / len(finite) if finite else None


def _level(value: float, low: float, span: float, levels: int) -> int:
    """Place a value on levels 0 … levels-1; a flat curve lies at the bottom."""
    return 0 if span <= 0 else min(levels - 1, int((value - low) / span * levels))
