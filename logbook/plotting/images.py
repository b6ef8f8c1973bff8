"""Panels of validation examples that are images: the first ones, and those of the highest loss.

All images of a panel are drawn on one scale, which is written below them; the range of each stands with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from logbook.plotting.panel import Panel, Runs, Scale, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pydantic import JsonValue

    from logbook_schemas.records.images import ImageLayer, ImageRow, ImagesRecord

__all__ = ["IMAGES"]

_COLUMNS = 4
_LINE = 0.042
"""Height of a line of text, as a share of the panel's."""

_LETTERS = 6.2
"""Points: the smallest that can be read on paper."""

_MOST_LETTERS = 22
"""Of a line below one of four images beside each other."""

_MARK = (255, 0, 255)
"""The colour of what isn't finite: no grey, and rare in photographs."""

_UNITS = {"loaded": "as loaded", "seen": "as the network sees them"}


class _Picture(NamedTuple):
    pixels: bytes
    lines: tuple[str, ...]


def _record(runs: Runs) -> ImagesRecord | None:
    """Return what a run recorded of images, where their pixels are there too."""
    end = runs[0].end
    found = end.images if end is not None else None
    return found if found is not None and found.blob in runs.contents else None


def _draw_first(axes: Axes, runs: Runs, _: Scale) -> None:
    record = _known(runs)
    shown, seen = record.layers[0], record.layer("seen")
    notes = [_scale(record, shown)]
    if seen is not None and seen != shown:
        same = "the same picture" if seen.begin == shown.begin else "another picture (seen-images)"
        notes.append(f"the network sees {same}: {_number(seen.low)} to {_number(seen.high)}")
    pictures = _pictures(runs, shown.begin, record.first)
    _fill(axes, record, pictures, [*notes, _size(record, record.first)])


def _draw_seen(axes: Axes, runs: Runs, _: Scale) -> None:
    record, seen = _known(runs), _layer(runs, "seen")
    pictures = _pictures(runs, seen.begin, record.first, is_loaded=False)
    _fill(axes, record, pictures, [_scale(record, seen), _size(record, record.first)])


def _draw_worst(axes: Axes, runs: Runs, _: Scale) -> None:
    record = _known(runs)
    notes = [_scale(record, record.layers[0]), _size(record, record.worst)]
    if record.rows < record.of:
        notes.append(f"of a sample of {record.rows:,} of {record.of:,} rows")
    _fill(axes, record, _pictures(runs, len(record.first), record.worst), notes)


def _draw_reconstructed(axes: Axes, runs: Runs, _: Scale) -> None:
    """Draw the worst above what the network made of them."""
    record, said = _known(runs), _layer(runs, "said")
    rows = record.worst[:_COLUMNS]
    made = record.pixels(runs.contents[record.blob], said.begin, len(rows))
    pictures = [
        *_pictures(runs, len(record.first), rows),
        *(_Picture(one, (f"row {row.row}, reconstructed",)) for one, row in zip(made, rows, strict=True)),
    ]
    _fill(axes, record, pictures, [_scale(record, said), _size(record, rows)], columns=len(rows))


def _pictures(runs: Runs, begin: int, rows: Sequence[ImageRow], *, is_loaded: bool = True) -> list[_Picture]:
    """Return rows with their pixels, which lie one after the other in the content."""
    record = _known(runs)
    pixels = record.pixels(runs.contents[record.blob], begin, len(rows))
    return [_Picture(one, _lines(row, is_loaded=is_loaded)) for one, row in zip(pixels, rows, strict=True)]


def _layer(runs: Runs, name: str) -> ImageLayer:
    layer = _known(runs).layer(name)
    assert layer is not None
    return layer


def _known(runs: Runs) -> ImagesRecord:
    record = _record(runs)
    assert record is not None
    return record


def _fill(
    axes: Axes, record: ImagesRecord, pictures: list[_Picture], notes: list[str], *, columns: int = _COLUMNS
) -> None:
    """Draw pictures in rows, each with its lines below it, and notes below all of them."""
    axes.set_axis_off()
    text = _LINE * len(notes)
    rows = math.ceil(len(pictures) / columns)
    lines = max(len(picture.lines) for picture in pictures)
    width, height = 1 / columns, (1 - text) / rows
    for place, picture in enumerate(pictures):
        down, along = divmod(place, columns)
        top = 1 - down * height
        box = (along * width, top - height + _LINE * (lines + 0.4), width * 0.94, height - _LINE * (lines + 0.6))
        inset = axes.inset_axes(box)
        inset.imshow(_colors(picture.pixels, record.shape), interpolation="nearest")
        inset.set_frame_on(False)
        inset.set_xticks([])
        inset.set_yticks([])
        inset.set_xlabel(plain("\n".join(picture.lines)), fontsize=_LETTERS, labelpad=2, linespacing=1.05)
        inset.set_in_layout(False)
    below = axes.text(0, 0, plain("\n".join(notes)), transform=axes.transAxes, fontsize=_LETTERS, va="bottom")
    below.set(color="dimgray", in_layout=False)


def _colors(pixels: bytes, shape: tuple[int, ...]) -> Any:
    """Return an image [H, W, 3] of bytes, black at the least value and white, or full colour, at the largest."""
    import numpy as np

    from logbook_schemas.records.images import LEVELS, NONFINITE

    levels = np.frombuffer(pixels, dtype=np.uint8).reshape(shape).transpose(1, 2, 0)
    is_lost = (levels == NONFINITE).any(axis=2)
    colors = np.rint(levels.astype(float) * (255 / LEVELS)).clip(0, 255).astype(np.uint8)
    colors = np.broadcast_to(colors, (*colors.shape[:2], 3)).copy()
    colors[is_lost] = _MARK
    return colors


def _lines(row: ImageRow, *, is_loaded: bool = True) -> tuple[str, ...]:
    """Return the lines below an image: its row, what it is, what is said of it; of one as loaded also its range."""
    loss = "" if row.loss is None or not is_loaded else f"loss {row.loss:.3g}"
    target = "" if row.target is None else f"is {_value(row.target)}"
    prediction = "" if row.prediction is None else f"said {_value(row.prediction)}"
    extent = _extent(row) if is_loaded else ""
    return (*_joined(f"row {row.row}", loss), *_joined(target, prediction), *_joined(extent))


def _joined(*parts: str) -> tuple[str, ...]:
    """Return what there is of some words in one line, or, where that is too long, in a line each."""
    there = tuple(part for part in parts if part)
    line = ", ".join(there)
    return (line,) if line and len(line) <= _MOST_LETTERS else there


def _extent(row: ImageRow) -> str:
    """Return the range of an image's values, and how many of them aren't finite."""
    lost = f", {row.nonfinite} not finite" if row.nonfinite else ""
    if row.low is None or row.high is None:
        return lost.removeprefix(", ")
    return f"{_number(row.low)} to {_number(row.high)}{lost}"


def _scale(record: ImagesRecord, layer: ImageLayer) -> str:
    units = _UNITS.get(layer.name) or _UNITS[record.layers[0].name]
    low, high = _number(layer.low), _number(layer.high)
    ends = f"black {low}, white {high}" if record.shape[0] == 1 else f"{low} (dark) to {high} (bright) in each channel"
    return f"values {units}: {ends}"


def _size(record: ImagesRecord, rows: Sequence[ImageRow]) -> str:
    """Say what holds for all images: their scale, which pixels are averages, how a value that isn't finite is drawn."""
    notes = ["one scale for all images"]
    if record.size != record.shape[1:]:
        shape, size = ("{} x {}".format(*pair) for pair in (record.shape[1:], record.size))
        notes.append(f"{size} pixels averaged to {shape}")
    if any(row.nonfinite for row in rows):
        notes.append("magenta: not finite")
    return "; ".join(notes)


def _number(value: float) -> str:
    return f"{value:.4g}"


def _value(value: JsonValue) -> str:
    if isinstance(value, list):
        return _shortened(" ".join(map(_value, value)))
    return _number(value) if isinstance(value, float) else _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"


def _has_first(runs: Runs) -> bool:
    record = _record(runs)
    return record is not None and bool(record.first)


def _has_worst(runs: Runs) -> bool:
    record = _record(runs)
    return record is not None and bool(record.worst)


def _has_seen(runs: Runs) -> bool:
    """Say whether the network sees other pictures than those that were loaded, not only other numbers."""
    record = _record(runs)
    seen = record.layer("seen") if record is not None else None
    return record is not None and seen is not None and seen.begin > 0


def _has_reconstructed(runs: Runs) -> bool:
    record = _record(runs)
    return record is not None and bool(record.worst) and record.layer("said") is not None


IMAGES = (
    Panel(name="first-images", title="First validation images", has=_has_first, draw=_draw_first, single=True),
    Panel(name="seen-images", title="As the network sees them", has=_has_seen, draw=_draw_seen, single=True),
    Panel(
        name="worst-images",
        title="Validation images of the highest loss",
        has=_has_worst,
        draw=_draw_worst,
        single=True,
    ),
    Panel(
        name="reconstructions",
        title="Worst reconstructions",
        has=_has_reconstructed,
        draw=_draw_reconstructed,
        single=True,
    ),
)
