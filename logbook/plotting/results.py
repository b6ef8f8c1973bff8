"""Panels of what the best weights say of validation rows: who is taken for whom, and target against prediction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logbook.plotting.panel import MAP, Panel, Runs, Scale, note, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pydantic import JsonValue

    from logbook_schemas.records.epochs import PredictionRow

__all__ = ["RESULTS"]

_CLASSES = ("classification", "binary")
_VALUES = ("regression",)
_MOST_CLASSES = 60
"""Rows of a confusion matrix that can still be told apart."""

_NAMED = 20


def _rows(runs: Runs, tasks: tuple[str, ...]) -> tuple[PredictionRow, ...]:
    run = runs[0]
    return run.end.predictions if run.end is not None and run.config.get("task") in tasks else ()


def _pairs(runs: Runs) -> tuple[list[tuple[float, float]], int]:
    """Return the finite pairs of target and prediction, in original units, a row and output each; how many aren't."""
    found = [
        (target, said)
        for row in _rows(runs, _VALUES)
        for target, said in zip(_numbers(row.target), _numbers(row.prediction), strict=False)
    ]
    finite = [pair for pair in found if all(map(math.isfinite, pair))]
    return finite, len(found) - len(finite)


def _numbers(value: JsonValue) -> list[float]:
    """Return the numbers of a row; what isn't finite is written as a word."""
    values = value if isinstance(value, list) else [value]
    return [float(one) for one in values if isinstance(one, int | float | str)]


def _draw_confusion(axes: Axes, runs: Runs, _: Scale) -> None:
    import numpy as np

    rows = _rows(runs, _CLASSES)
    names = sorted({str(one) for row in rows for one in (row.target, row.prediction)}, key=_by_number)
    place = {name: index for index, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=int)
    for row in rows:
        counts[place[str(row.target)], place[str(row.prediction)]] += 1
    image = axes.imshow(counts, cmap=MAP, interpolation="nearest")
    if len(names) <= _NAMED:
        for (target, said), count in np.ndenumerate(counts):
            ink = "black" if count > counts.max() / 2 else "white"
            axes.text(said, target, str(count), ha="center", va="center", fontsize="x-small", color=ink)
        axes.set_xticks(range(len(names)), [plain(name) for name in names], fontsize="x-small", rotation=90)
        axes.set_yticks(range(len(names)), [plain(name) for name in names], fontsize="x-small")
    axes.set_xlabel("said")
    axes.set_ylabel(f"is ({len(rows)} recorded validation rows)")
    figure = axes.get_figure()
    if figure is not None:
        figure.colorbar(image, ax=axes).set_label("rows", fontsize="x-small")


def _by_number(name: str) -> tuple[bool, float, str]:
    return (False, float(name), "") if name.lstrip("-").isdecimal() else (True, 0.0, name)


def _draw_predictions(axes: Axes, runs: Runs, _: Scale) -> None:
    pairs, lost = _pairs(runs)
    targets, said = zip(*pairs, strict=True)
    ends = (min(*targets, *said), max(*targets, *said))
    axes.plot(ends, ends, color="gray", linewidth=0.8, linestyle=":")
    axes.scatter(targets, said, s=10, alpha=0.6, linewidths=0)
    axes.set_xlabel("target, in original units")
    axes.set_ylabel("prediction, in original units")
    gone = f", {lost} more not finite" if lost else ""
    note(axes, f"{len(pairs)} recorded validation values{gone}")


def _has_confusion(runs: Runs) -> bool:
    rows = _rows(runs, _CLASSES)
    return 0 < len({str(one) for row in rows for one in (row.target, row.prediction)}) <= _MOST_CLASSES


RESULTS = (
    Panel(name="confusion", title="Confusion", has=_has_confusion, draw=_draw_confusion, single=True),
    Panel(
        name="predictions",
        title="Target and prediction",
        has=lambda runs: len(_pairs(runs)[0]) > 1,
        draw=_draw_predictions,
        single=True,
    ),
)
