"""`logbook plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, remark

__all__ = ["plot"]


def plot(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN…]", help=options.RUN_HELP)] = None,
    what: Annotated[
        str, typer.Option("--what", metavar="NAMES", help="Pictures by name, with commas between: losses,updates.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A .png or .svg; else named for the runs, here."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Logarithmic axes.")] = False,
    linear: Annotated[bool, typer.Option("--linear", help="Linear axes; else the values decide.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Draw one run, the newest unless told otherwise, or several on common axes.

    Pictures: losses, metrics, learning-rate, gradient, time; of one run also gradients, updates, weights, units (by
    layer), confusion, predictions, and where the data are images first-images, seen-images, worst-images,
    reconstructions. Without --what all that there is something to show of.
    """
    from logbook.errors import UsageError
    from logbook.plots import plot_runs

    if log and linear:
        raise UsageError("--log and --linear exclude each other; give one")
    names = [name.strip() for name in what.split(",") if name.strip()]
    scale: Literal["auto", "linear", "log"] = "log" if log else "linear" if linear else "auto"
    picture = plot_runs(runs or ["@"], what=names, output=output, scale=scale, logbook=logbook)
    if as_json:
        emit_json({"file": str(picture.path), "pictures": list(picture.panels)})
    else:
        remark(f"{picture.path} is written: {', '.join(picture.panels)}")
