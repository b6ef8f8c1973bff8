"""Pictures of recorded runs, as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logbook.errors import NotFoundError, UsageError
from logbook.files import writing

if TYPE_CHECKING:
    from logbook.plotting import Panel, Runs
    from logbook.plotting.panel import Scale
    from logbook.store.reader import Reader

__all__ = ["Picture", "picture_of", "plot_runs", "read_runs"]


_MOST_NAMED = 4
"""Runs that stand in a title; there is no room for more."""


class Picture(NamedTuple):
    """A file that was drawn, and the panels in it."""

    path: Path
    panels: tuple[str, ...]


def plot_runs(
    references: Sequence[str],
    *,
    what: Sequence[str] = (),
    output: Path | None = None,
    scale: Scale = "auto",
    logbook: str | None = None,
) -> Picture:
    """Draw one run or several, all that they have to show or `what` names, into a PNG or SVG file.

    By default the file is named for the runs, in the current folder.
    """
    from logbook.plotting import FORMATS
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        numbers = [reader.resolve(reference) for reference in references]
        runs = read_runs(reader, numbers)
    path = output or Path(
        f"{'-'.join(run.summary.id for run in runs[:4])}{f'-{what[0]}' if len(what) == 1 else ''}.png"
    )
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"{path} is neither a .png nor a .svg; the ending says what is drawn")
    panels = _panels(runs, what)
    content = picture_of(runs, panels, kind=kind, scale=scale)
    with writing(path):
        path.write_bytes(content)
    return Picture(path=path, panels=tuple(panel.name for panel in panels))


def read_runs(reader: Reader, numbers: Iterable[int]) -> Runs:
    """Return runs, each once, with the contents that pictures of them need."""
    from logbook.plotting import Runs

    runs = [reader.run(number) for number in dict.fromkeys(numbers)]
    contents: dict[str, bytes] = {}
    for run in runs:
        if run.end is not None and run.end.images is not None:
            with suppress(NotFoundError):  # a logbook that was thinned out: the other panels are there still
                contents[run.end.images.blob] = reader.blob(run.end.images.blob)
    return Runs(runs, contents)


def picture_of(runs: Runs, panels: Sequence[Panel], *, kind: str, scale: Scale = "auto") -> bytes:
    """Return panels of some runs as the bytes of a PNG or an SVG."""
    from logbook.plotting import draw, save

    first = runs[0].summary
    title = f"{first.id} {first.words}  {first.name}@{first.version}  {first.status}"
    if len(runs) > 1:
        named = [f"{run.summary.id} {run.summary.name}@{run.summary.version}" for run in runs]
        more = [f"and {len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
        title = "  ".join([*named[:_MOST_NAMED], *more])
    return save(draw(panels, runs, title=title, scale=scale), kind)


def _panels(runs: Runs, what: Sequence[str]) -> tuple[Panel, ...]:
    from logbook.plotting import available, panel_named

    if what:
        return tuple(panel_named(name, runs) for name in dict.fromkeys(what))
    found = available(runs)
    if not found:
        raise UsageError(f"{', '.join(run.summary.id for run in runs)} recorded no epoch: there is nothing to draw")
    return found
