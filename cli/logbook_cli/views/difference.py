"""A difference as a person reads it: what can change the result first, noise dim and last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook_cli.views.text import Ink, clean, cut, pad, show_value

if TYPE_CHECKING:
    from logbook_schemas.records.difference import Change, CodeDiff, DataDiff, Diff

__all__ = ["difference_view"]

_SIGNS = {"changed": "~", "added": "+", "removed": "-"}
_STYLES = {"changed": ("yellow",), "added": ("green",), "removed": ("red",)}
_LONGEST_VALUE = 120
_MOST_LINES = 60


def difference_view(diff: Diff, *, ink: Ink) -> str:
    """Return the difference of two configs by path, then code, data, environment and git where both are runs."""
    sections = [
        f"{ink.paint('-', 'red')} {clean(diff.left)}\n{ink.paint('+', 'green')} {clean(diff.right)}",
        _section("config", _config_lines(diff, ink), ink),
    ]
    if diff.code is not None:
        sections.append(_section("code", list(_code_lines(diff.code, ink)), ink))
    if diff.data is not None:
        sections.append(_section("data", [_data_line(diff.data)], ink))
    if diff.environment is not None:
        sections.append(_section("environment", _changes(diff.environment, ink) or ["same"], ink))
    if diff.git is not None:
        sections.append(_section("git", _changes(diff.git, ink) or ["same"], ink))
    return "\n\n".join(sections)


def _config_lines(diff: Diff, ink: Ink) -> list[str]:
    lines = _changes(diff.config, ink)
    if diff.remark:
        return [clean(diff.remark), *lines]
    if not lines:
        return ["same"]
    if not diff.same_recipe:
        return lines
    draws = any(change.effect == "chance" for change in diff.config)
    told = "what differs changes the result by chance alone" if draws else "nothing that differs can change the result"
    return [f"same recipe: {told}", *lines]


def _changes(changes: Sequence[Change], ink: Ink) -> list[str]:
    widest = min(max((len(clean(change.path)) for change in changes), default=0), 40)
    return [_change(change, widest, ink) for change in changes]


def _change(change: Change, widest: int, ink: Ink) -> str:
    left, right = (cut(show_value(value), _LONGEST_VALUE) for value in (change.left, change.right))
    values = {"changed": f"{left} → {right}", "added": right, "removed": left}[change.kind]
    unit = f" {clean(change.unit)}" if change.unit else ""
    line = f"{_SIGNS[change.kind]} {pad(clean(change.path), widest)}  {values}{unit}"
    if change.effect:
        said = "chance alone" if change.effect == "chance" else "no effect on the result"
        return ink.paint(f"{line}  ({said})", "dim")
    return ink.paint(line, *_STYLES[change.kind])


def _code_lines(code: CodeDiff, ink: Ink) -> Iterator[str]:
    if code.verdict != "different" and not code.files and not code.packages:
        yield "same" if code.verdict == "same" else "unknown: one of the two has no record of its code"
        return
    for file in code.files:
        yield ink.paint(f"{_SIGNS[file.kind]} {clean(file.path)}", *_STYLES[file.kind])
        yield from _diff_text(file.text, ink)
    yield from _changes(code.packages, ink)


def _diff_text(text: str, ink: Ink) -> Iterator[str]:
    lines = text.splitlines()[2:]
    for line in lines[:_MOST_LINES]:
        style = {"+": ("green",), "-": ("red",), "@": ("cyan",)}.get(line[:1], ())
        yield f"    {ink.paint(clean(line), *style)}"
    if len(lines) > _MOST_LINES:
        yield f"    … {len(lines) - _MOST_LINES} more lines (--json has all)"


def _data_line(data: DataDiff) -> str:
    return f"{data.verdict}: {clean(data.reason)}" if data.reason else data.verdict


def _section(title: str, lines: Sequence[str], ink: Ink) -> str:
    return "\n".join([ink.paint(title, "bold"), *(f"  {line}" for line in lines)])
