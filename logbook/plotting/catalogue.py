"""All panels, in the order in which a figure shows them."""

from __future__ import annotations

from logbook.errors import UsageError
from logbook.plotting.curves import CURVES
from logbook.plotting.images import IMAGES
from logbook.plotting.layers import LAYERS
from logbook.plotting.panel import Panel, Runs
from logbook.plotting.results import RESULTS
from logbook_schemas.reading import nearest

__all__ = ["PANELS", "available", "panel_named"]

PANELS: tuple[Panel, ...] = (*CURVES, *LAYERS, *RESULTS, *IMAGES)


def available(runs: Runs) -> tuple[Panel, ...]:
    """Return the panels that some runs have something to show in."""
    return tuple(panel for panel in PANELS if (len(runs) == 1 or not panel.single) and panel.has(runs))


def panel_named(name: str, runs: Runs) -> Panel:
    """Return a panel by its name; UsageError where there is none, or these runs have nothing to show in it."""
    panel = next((one for one in PANELS if one.name == name), None)
    names = [one.name for one in PANELS]
    if panel is None:
        near = nearest(name, names)
        meant = f"did you mean {near!r}? " if near else ""
        raise UsageError(f"no picture is called {name!r}; {meant}It is one of {', '.join(names)}")
    if panel.single and len(runs) > 1:
        raise UsageError(
            f"{name} is a picture of one run, got {len(runs)}: logbook plot {runs[0].summary.id} --what {name}"
        )
    if not panel.has(runs):
        shown = ", ".join(one.name for one in available(runs)) or "nothing yet"
        who = ", ".join(run.summary.id for run in runs)
        raise UsageError(f"{who} recorded nothing that {name} could show; there is {shown}")
    return panel
