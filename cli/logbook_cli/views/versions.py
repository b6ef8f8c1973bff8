"""The versions of a name, drawn as a tree."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from logbook.history.versions import describe_changes
from logbook_cli.views.text import Ink, clean, cut, show_number

if TYPE_CHECKING:
    from logbook_schemas.records.versions import VersionLine, VersionTree

__all__ = ["versions_view"]


def versions_view(tree: VersionTree, *, ink: Ink, most: int | None = None, width: int | None = None) -> str:
    """Return the tree of the newest versions, `most` of them: below each those that were derived from it.

    Lines are cut where a terminal of this width would break the tree.
    """
    shown = tree.versions if most is None else tree.versions[-most:]
    names = {f"{tree.name}@{version.number}" for version in shown}
    children: dict[str, list[VersionLine]] = {}
    for version in shown:
        children.setdefault(version.parent if version.parent in names and version.parent else "", []).append(version)
    return "\n".join(_branches(tree.name, children, ink, width or sys.maxsize))


def _branches(name: str, children: dict[str, list[VersionLine]], ink: Ink, width: int) -> Iterator[str]:
    """Yield the lines from the first versions on. No recursion: a line of work may have thousands of versions."""
    waiting = _below("", children, "")
    while waiting:
        margin, version, is_last = waiting.pop()
        # A line of versions, each derived from the one before, isn't indented: only where it forks, it branches off.
        rail, fork = ("", "") if is_last else ("│ ", "├─")
        label = f"{name}@{version.number}"
        told = cut(f"{margin}{fork}{clean(label)}{_made(version)}", width)
        yield told.replace(clean(label), ink.paint(clean(label), "bold"), 1)
        for detail in _details(version):
            yield ink.paint(cut(f"{margin}{rail}    {detail}", width), "dim")
        waiting += _below(label, children, f"{margin}{rail}")


def _below(parent: str, children: dict[str, list[VersionLine]], margin: str) -> list[tuple[str, VersionLine, bool]]:
    """Return what was derived from a version, the first one at the end, and whether each is the last one."""
    newest_first = reversed(children.get(parent, []))
    return [(margin, version, place == 0) for place, version in enumerate(newest_first)]


def _made(version: VersionLine) -> str:
    """Return when a version was made, and what it changed."""
    changes = f"  {clean(describe_changes(version.changes))}" if version.changes else ""
    return f"  {version.created_at[:10]}{changes}"


def _details(version: VersionLine) -> Iterator[str]:
    if version.hypothesis:
        yield f"hypothesis: {clean(version.hypothesis)}"
    runs = version.runs
    counted = "no run" if not runs else runs[0] if len(runs) == 1 else f"{len(runs)} runs"
    best = ""
    if version.best_value is not None:
        run = f" ({version.best_run})" if len(runs) > 1 else ""
        best = f", best {clean(version.monitor_metric)} {show_number(version.best_value)}{run}"
    by = f", by {clean(version.by)}" if version.by else ""
    yield f"{counted} {version.status}{best}{by}"
    if version.outcome:
        reason = f": {clean(version.outcome_reason)}" if version.outcome_reason else ""
        yield f"{version.outcome}{'?' if version.outcome_by == 'logbook' else ''}{reason}"
