"""What a panel is, and what all panels draw with: lines with gaps and marks, maps of layers by epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logbook_schemas.records.runs import RunRecord

__all__ = [
    "MANY",
    "MAP",
    "Look",
    "Panel",
    "Runs",
    "Scale",
    "Series",
    "color_of",
    "draw_lines",
    "draw_map",
    "drawn",
    "label_of",
    "note",
    "plain",
]

Scale = Literal["auto", "linear", "log"]
Series = Mapping[str, Sequence[tuple[float, float | None]]]
"""Lines by their label, each of (x, y); None where nothing was measured."""

MAP = "viridis"
"""Perceptually uniform: equal steps of a value look equal (S2-32)."""

_FEW = 8
"""Epochs that are each named below a map: those between two measurements aren't in it."""

MANY = 8
"""Runs above which each has one colour in all panels, from dark to bright, and the figure one legend for all."""

_MOST_LOST = 3
"""Lines that are named where values are lost; the others are counted."""

_DECADES = 2.0
"""Orders of magnitude between least and largest from which an axis that may choose is logarithmic."""


class Runs(Sequence["RunRecord"]):
    """Runs that are drawn; `contents` holds what their records name by its hash, where the store has it."""

    def __init__(self, runs: Sequence[RunRecord], contents: Mapping[str, bytes]) -> None:
        self._runs, self.contents = tuple(runs), contents

    @overload
    def __getitem__(self, place: int) -> RunRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[RunRecord]: ...
    def __getitem__(self, place: int | slice) -> RunRecord | Sequence[RunRecord]:
        return self._runs[place]

    def __len__(self) -> int:
        return len(self._runs)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture. `has` says whether runs hold what it shows; `draw` fills axes with it.

    With `single` it shows one run only.
    """

    name: str
    title: str
    has: Callable[[Runs], bool]
    draw: Callable[[Axes, Runs, Scale], None]
    single: bool = False


class Look(NamedTuple):
    """How a line is drawn: lines of one `color` belong together."""

    color: int
    is_dashed: bool = False


def draw_lines(
    axes: Axes,
    series: Series,
    *,
    runs: Runs,
    y: str,
    scale: Scale,
    looks: Mapping[str, Look] | None = None,
) -> None:
    """Draw lines of some runs over epochs. What isn't finite leaves a gap, and a cross above it says where it was."""
    lost: list[str] = []
    crowd = [run.summary.id for run in runs] if len(runs) > MANY else []
    values = [value for points in series.values() for _, value in points if value is not None and math.isfinite(value)]
    is_log = scale == "log" or (scale == "auto" and _spans_decades(values))
    for place, (label, points) in enumerate(series.items()):
        look = (looks or {}).get(label, Look(place))
        color = color_of(crowd.index(label.split()[0]), len(crowd)) if crowd else f"C{look.color}"
        shown = [(at, drawn(value, is_log=is_log)) for at, value in points if value is not None]
        axes.plot(
            [at for at, _ in shown],
            [value for _, value in shown],
            label=plain(label),
            linewidth=1.4,
            marker="." if len(shown) < 40 else "",
            markersize=4,
            color=color,
            linestyle="--" if look.is_dashed else "-",
        )
        gone = [at for at, value in shown if math.isnan(value)]
        if gone:
            edge = axes.get_xaxis_transform()
            axes.plot(gone, [0.99] * len(gone), "x", color=color, transform=edge, clip_on=False, markersize=6)
            lost.append(f"{label}: {len(gone)}")
    if is_log:
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    _whole_epochs(axes)
    axes.set_ylabel(y)
    if lost:
        what = "not finite, or not above 0" if is_log else "not finite"
        told = "; ".join(lost[:_MOST_LOST]) + f"; and {len(lost) - _MOST_LOST} more" * (len(lost) > _MOST_LOST)
        note(axes, f"x: {what} ({told})")
    if not crowd and (len(series) > 1 or any(series)):
        axes.legend(fontsize="x-small", frameon=False)


def color_of(place: int, runs: int) -> Any:
    """Return the colour of one of many runs, the first one's dark and the last one's bright."""
    import matplotlib

    return matplotlib.colormaps[MAP](0.95 * place / max(runs - 1, 1))


def draw_map(
    axes: Axes,
    rows: Mapping[str, Sequence[float | None]],
    *,
    epochs: Sequence[int],
    unit: str,
    scale: Scale,
    bounds: tuple[float, float] | None = None,
) -> None:
    """Draw one row a layer and one column an epoch, the least to the largest value from dark to bright.

    Grey is what wasn't measured, isn't finite, or has no logarithm. The range beside it is that of the values.
    """
    import numpy as np
    from matplotlib.colors import LogNorm, Normalize

    table = np.array([[math.nan if value is None else value for value in row] for row in rows.values()], dtype=float)
    finite = table[np.isfinite(table)]
    positive = finite[finite > 0]
    is_log = scale == "log" or (scale == "auto" and bounds is None and _spans_decades(positive.tolist()))
    known = positive if is_log else finite
    is_grey = ~np.isfinite(table) | ((table <= 0) & is_log)
    table[is_grey] = math.nan
    low, high = bounds or ((float(known.min()), float(known.max())) if known.size else (0.0, 1.0))
    high = high if high > low else low + (abs(low) or 1.0)
    norm = LogNorm(low, high) if is_log and low > 0 else Normalize(low, high)
    axes.set_facecolor("lightgray")
    half = (epochs[-1] - epochs[0]) / (len(epochs) - 1) / 2 if len(epochs) > 1 else 0.5
    edges = (epochs[0] - half, epochs[-1] + half, len(rows) - 0.5, -0.5)
    image = axes.imshow(table, aspect="auto", cmap=MAP, norm=norm, interpolation="nearest", extent=edges)
    axes.set_yticks(range(len(rows)), [plain(_short(name)) for name in rows], fontsize="x-small")
    axes.set_xlabel("epoch")
    _whole_epochs(axes)
    if len(epochs) <= _FEW:
        axes.set_xticks(epochs)
    if is_grey.any():
        why = "not measured, not finite, or not above 0" if is_log else "not measured, or not finite"
        note(axes, f"grey: {why}")
    figure = axes.get_figure()
    if figure is not None:
        bar = figure.colorbar(image, ax=axes)
        bar.set_label(unit, fontsize="x-small")


def _whole_epochs(axes: Axes) -> None:
    """Let the axis of epochs name whole ones only."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))


def note(axes: Axes, text: str) -> None:
    """Write above the right end of a panel what could not be drawn in it, or how much is drawn."""
    axes.set_title(plain(text), fontsize="x-small", loc="right", color="dimgray")


def label_of(run: RunRecord, runs: Runs, what: str = "") -> str:
    """Return what a line of a run is called: its id where there are several runs, and what the line is of."""
    if len(runs) == 1:
        return what
    return f"{run.summary.id} {what}".strip()


def plain(text: str) -> str:
    """Return text that matplotlib takes as it is: a dollar sign begins no formula."""
    return text.replace("$", r"\$")


def drawn(value: float, *, is_log: bool) -> float:
    """Return a value that an axis has a place for, NaN for another one."""
    return value if math.isfinite(value) and (value > 0 or not is_log) else math.nan


def _spans_decades(values: Sequence[float]) -> bool:
    if not values or min(values) <= 0:
        return False
    return math.log10(max(values) / min(values)) >= _DECADES


def _short(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"…{name[1 - most :]}"
