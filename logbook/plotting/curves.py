"""Panels of what went on over the epochs: losses, metrics, the learning rate, the gradient, time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from logbook.plotting.panel import MANY, Look, Panel, Runs, Scale, Series, draw_lines, label_of, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logbook_schemas.records.epochs import EpochRecord
    from logbook_schemas.records.runs import RunRecord

__all__ = ["CURVES"]

Points = list[tuple[float, float | None]]


def _points(run: RunRecord, name: str) -> Points:
    """Return a number of each epoch; a train loss is that of the whole epoch, told at its end."""
    return [(record.epoch, _value(record, name)) for record in run.trained]


def _value(record: EpochRecord, name: str) -> float | None:
    value: float | None = record.metrics.get(name) if name in record.metrics else getattr(record, name, None)
    return value


def _series(runs: Runs, names: dict[str, str]) -> Series:
    found = {label_of(run, runs, label): _points(run, name) for run in runs for name, label in names.items()}
    return {label: points for label, points in found.items() if any(value is not None for _, value in points)}


def _draw_losses(axes: Axes, runs: Runs, scale: Scale) -> None:
    names = {"train_loss": "train", "val_loss": "validation"}
    looks = {}
    if len(runs) > 1:  # one colour a run
        for place, run in enumerate(runs):
            looks[label_of(run, runs, "train")] = Look(place, is_dashed=True)
            looks[label_of(run, runs, "validation")] = Look(place)
    if len(runs) == 1 and (best := runs[0].summary.best_epoch) is not None:
        axes.axvline(best, color="gray", linewidth=0.8, linestyle=":", label=f"best epoch, {best}")
    y = "loss (training dashed)" if len(runs) > MANY else "loss"
    draw_lines(axes, _series(runs, names), runs=runs, y=y, scale=scale, looks=looks)


def _metric_names(runs: Runs) -> Iterator[str]:
    yield from dict.fromkeys(name for run in runs for record in run.trained for name in record.metrics)


def _draw_metrics(axes: Axes, runs: Runs, scale: Scale) -> None:
    first, *others = _metric_names(runs)
    looks, y = {}, "validation metric"
    if len(runs) > MANY and others:  # no legend says which line is which
        looks = {label_of(run, runs, name): Look(0, is_dashed=True) for run in runs for name in others}
        y = f"{plain(first)} (others dashed)"
    names = {name: name for name in (first, *others)}
    chosen: Scale = "linear" if scale == "auto" else scale
    draw_lines(axes, _series(runs, names), runs=runs, y=y, scale=chosen, looks=looks)


def _draw_rate(axes: Axes, runs: Runs, scale: Scale) -> None:
    draw_lines(axes, _series(runs, {"lr": "" if len(runs) > 1 else "lr"}), runs=runs, y="learning rate", scale=scale)


def _draw_gradient(axes: Axes, runs: Runs, scale: Scale) -> None:
    name = {"gradient_norm": "" if len(runs) > 1 else "gradient norm"}
    draw_lines(axes, _series(runs, name), runs=runs, y="gradient norm (median of the steps)", scale=scale)


def _draw_time(axes: Axes, runs: Runs, scale: Scale) -> None:
    draw_lines(axes, _series(runs, {"seconds": "" if len(runs) > 1 else "epoch"}), runs=runs, y="seconds", scale=scale)


def _measures(name: str) -> Callable[[Runs], bool]:
    def has(runs: Runs) -> bool:
        return any(_value(record, name) is not None for run in runs for record in run.trained)

    return has


CURVES = (
    Panel(name="losses", title="Loss", has=_measures("train_loss"), draw=_draw_losses),
    Panel(name="metrics", title="Metrics", has=lambda runs: any(_metric_names(runs)), draw=_draw_metrics),
    Panel(name="learning-rate", title="Learning rate", has=_measures("lr"), draw=_draw_rate),
    Panel(name="gradient", title="Gradient", has=_measures("gradient_norm"), draw=_draw_gradient),
    Panel(name="time", title="Time of an epoch", has=_measures("seconds"), draw=_draw_time),
)
