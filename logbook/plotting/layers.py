"""Panels of what went on in the layers: gradients, updates, the spread of weights by depth, units that say nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from logbook.plotting.panel import MAP, Panel, Runs, Scale, draw_map, drawn, note, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logbook_schemas.records.epochs import EpochRecord
    from logbook_schemas.records.layers import LayerRecord
    from logbook_schemas.records.runs import RunRecord

__all__ = ["LAYERS"]

_Number = Callable[["LayerRecord"], float | None]


def _measured(run: RunRecord) -> list[EpochRecord]:
    return [record for record in run.trained if record.layers]


def _table(run: RunRecord, number: _Number) -> tuple[list[int], dict[str, list[float | None]]]:
    """Return the epochs that were measured, and by layer, the first one first, a number at each of them."""
    epochs = _measured(run)
    order = {layer.name: (layer.order is None, layer.order or 0) for record in epochs for layer in record.layers}
    found: dict[str, list[float | None]] = {name: [] for name in sorted(order, key=order.__getitem__)}
    for record in epochs:
        by_name = {layer.name: layer for layer in record.layers}
        for name, row in found.items():
            row.append(number(by_name[name]) if name in by_name else None)
    rows = {name: row for name, row in found.items() if any(value is not None for value in row)}
    return [record.epoch for record in epochs], rows


def _map(title: str, name: str, number: _Number, *, unit: str, bounds: tuple[float, float] | None = None) -> Panel:
    def draw(axes: Axes, runs: Runs, scale: Scale) -> None:
        epochs, rows = _table(runs[0], number)
        draw_map(axes, rows, epochs=epochs, unit=unit, scale=scale, bounds=bounds)

    return Panel(name=name, title=title, has=lambda runs: bool(_table(runs[0], number)[1]), draw=draw, single=True)


def _silent(layer: LayerRecord) -> float | None:
    """Return the share of a layer that is dead or saturated, whichever is measured and larger."""
    known = [share for share in (layer.dead_share, layer.saturated_share) if share is not None]
    return max(known, default=None)


def _draw_weights(axes: Axes, runs: Runs, scale: Scale) -> None:
    """Draw the variance of each layer's weights by depth, one line an epoch, from dark to bright."""
    import matplotlib

    epochs, rows = _table(runs[0], lambda layer: layer.weight_std)
    colors = matplotlib.colormaps[MAP]
    table = [[None if deviation is None else deviation**2 for deviation in row] for row in rows.values()]
    is_log = scale != "linear" and any(value is not None and 0 < value < math.inf for row in table for value in row)
    lost = 0
    for place, epoch in enumerate(epochs):
        line = [math.nan if row[place] is None else drawn(row[place] or 0.0, is_log=is_log) for row in table]
        color = colors(0.9 * place / max(len(epochs) - 1, 1))
        label = f"epoch {epoch}" if place in (0, len(epochs) - 1) else None
        axes.plot(range(len(rows)), line, color=color, linewidth=1.0, marker=".", label=label)
        gone = [at for at, row in enumerate(table) if row[place] is not None and math.isnan(line[at])]
        if gone:
            edge = axes.get_xaxis_transform()
            axes.plot(gone, [0.01] * len(gone), "x", color=color, transform=edge, clip_on=False)
        lost += len(gone)
    if is_log:
        axes.set_yscale("log")
    if lost:
        note(axes, f"x: {'not finite, or not above 0' if is_log else 'not finite'} ({lost})")
    axes.set_xticks(range(len(rows)), [plain(name) for name in rows], rotation=30, ha="right", fontsize="x-small")
    axes.set_ylabel("variance of the weights")
    axes.legend(fontsize="x-small", frameon=False)


LAYERS = (
    _map("Gradients by layer", "gradients", lambda layer: layer.gradient_norm, unit="gradient norm"),
    _map("Update over weights", "updates", lambda layer: layer.update_ratio, unit="norm of a step / norm of weights"),
    Panel(
        name="weights",
        title="Weights by depth",
        has=lambda runs: bool(_table(runs[0], lambda layer: layer.weight_std)[1]),
        draw=_draw_weights,
        single=True,
    ),
    _map("Dead or saturated", "units", _silent, unit="share of the units", bounds=(0.0, 1.0)),
)
