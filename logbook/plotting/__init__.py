"""Pictures of runs: records in, one figure out. matplotlib is imported below this folder only.

A panel is one picture of one or several runs. A figure is panels in a grid, saved as PNG or SVG; what can't be drawn
where it belongs (a NaN, a value that a logarithmic axis has no place for) is marked, never left out in silence.
"""

from logbook.plotting.catalogue import PANELS, available, panel_named
from logbook.plotting.figure import FORMATS, draw, save
from logbook.plotting.panel import Panel, Runs

__all__ = ["FORMATS", "PANELS", "Panel", "Runs", "available", "draw", "panel_named", "save"]
