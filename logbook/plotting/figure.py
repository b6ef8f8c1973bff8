"""Panels in a grid, and the file that they become."""

from __future__ import annotations

import contextlib
import io
import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbook.plotting.panel import MANY, Panel, Runs, Scale, color_of, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "draw", "save"]

FORMATS = ("png", "svg")

_STYLE: dict[str, object] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,  # a number beside an axis is the number itself
    "axes.titlesize": "medium",
    "font.size": 9,
    "svg.hashsalt": "logbook",  # the same runs give the same bytes
    "svg.fonttype": "none",  # text stays text: it can be searched, and read aloud
}
_FONTS = ("font.family", "font.sans-serif", "font.serif", "font.monospace")
_PANEL = (4.6, 3.2)
"""Inches of one panel."""

_PAD = 0.06
"""Inches around a panel."""

_DPI = 150


def draw(panels: Sequence[Panel], runs: Runs, *, title: str, scale: Scale = "auto") -> Figure:
    """Return a figure of some panels of one or several runs."""
    _import_without_settings_of_the_folder()
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = min(len(panels), 3 if len(panels) > 4 else 2)
    rows = math.ceil(len(panels) / columns)
    with _style():
        engine = ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD)
        figure = Figure(figsize=(_PANEL[0] * columns, _PANEL[1] * rows + 0.4), layout=engine)
        # Each panel is laid out by itself: long names of layers in one take no room from those above and below it.
        grid = figure.subfigures(rows, columns, squeeze=False)
        for place, panel in zip(grid.flat, panels, strict=False):
            axes = place.subplots()
            panel.draw(axes, runs, scale)
            axes.set_title(panel.title, loc="left")
        if len(runs) > MANY:
            _add_legend(figure, runs)
        figure.suptitle(plain(title), fontsize="large", x=0.01, ha="left")
    return figure


def _add_legend(figure: Figure, runs: Runs) -> None:
    """Name many runs once for all panels."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=color_of(place, len(runs)), label=run.summary.id) for place, run in enumerate(runs)]
    figure.legend(handles=lines, loc="outside lower left", ncols=10, fontsize="small", frameon=False)


def save(figure: Figure, kind: str) -> bytes:
    """Return a figure as the bytes of a PNG or an SVG; the same figure gives the same bytes."""
    file = io.BytesIO()
    with _style():
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(file, format=kind, dpi=_DPI, metadata=metadata)
    return file.getvalue()


def _import_without_settings_of_the_folder() -> None:
    """Import matplotlib so that it doesn't read a `matplotlibrc` of the current folder, which may be a stranger's.

    It looks there before anywhere else: one that holds no UTF-8 is an error, and a pipe of that name is waited for.
    """
    if "matplotlib" not in sys.modules and Path("matplotlibrc").exists():
        with contextlib.chdir(Path(__file__).parent):
            import matplotlib  # noqa: F401


@contextmanager
def _style() -> Iterator[None]:
    """Draw in our style, in colours that can be told apart with any kind of sight.

    Of other settings, whoever made them, the fonts alone are kept: they could have LaTeX run on what runs are called.
    """
    import matplotlib
    from cycler import cycler

    colors = matplotlib.color_sequences["petroff10"]
    settings: Any = matplotlib.rcParams
    fonts = {name: settings[name] for name in _FONTS}
    with warnings.catch_warnings(), matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings.update({**fonts, **_STYLE, "axes.prop_cycle": cycler(color=colors)})
        # A name in letters that the font lacks is drawn with boxes; that is no reason to fail.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
