"""The versions of a name, drawn as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from logbook.history.versions import describe_changes
from logbook_cli.views.text import Ink, clean, show_number

if TYPE_CHECKING:
    from logbook_schemas.records.versions import VersionLine, VersionTree

__all__ = ["versions_view"]


def versions_view(tree: VersionTree, *, ink: Ink) -> str:
    """Return the tree: below each version those that were derived from it."""
    names = {f"{tree.name}@{version.number}": version for version in tree.versions}
    children: dict[str, list[VersionLine]] = {}
    for version in tree.versions:
        children.setdefault(version.parent if version.parent in names and version.parent else "", []).append(version)
    return "\n".join(_branch(tree.name, "", children, "", ink))


def _branch(name: str, parent: str, children: dict[str, list[VersionLine]], margin: str, ink: Ink) -> Iterator[str]:
    below = children.get(parent, [])
    # A line of versions, each derived from the one before, isn't indented: only where it forks, it branches off.
    for place, version in enumerate(below):
        is_last = place == len(below) - 1
        rail = "" if is_last else "│ "
        fork = "" if is_last else "├─"
        yield f"{margin}{fork}{_line(name, version, ink)}"
        for detail in _details(version):
            yield ink.paint(f"{margin}{rail}    {detail}", "dim")
        yield from _branch(name, f"{name}@{version.number}", children, f"{margin}{rail}", ink)


def _line(name: str, version: VersionLine, ink: Ink) -> str:
    said = [ink.paint(f"{clean(name)}@{version.number}", "bold"), version.created_at[:10]]
    if version.changes:
        said.append(clean(describe_changes(version.changes)))
    return "  ".join(said)


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
