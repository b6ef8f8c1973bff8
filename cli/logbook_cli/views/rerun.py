"""A run made again, as a person reads it: the answer first, then what is the same and what isn't."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from logbook_cli.views.text import Ink, clean, show_value

if TYPE_CHECKING:
    from logbook_schemas.records.reruns import LossComparison, PackageChange, RerunDocument

__all__ = ["rerun_view"]

_MOST_PACKAGES = 20


def rerun_view(rerun: RerunDocument, *, ink: Ink) -> str:
    """Return the answer in one line, and each thing that was compared in a line or more."""
    colour = "green" if rerun.same else "red"
    return "\n".join([ink.paint(clean(rerun.sentence), "bold", colour), *(clean(line) for line in _lines(rerun))])


def _lines(rerun: RerunDocument) -> Iterator[str]:
    yield from _labelled("code", _code(rerun))
    yield from _labelled("environment", _environment(rerun))
    data = rerun.data
    yield f"data         {data.verdict}{f': {data.reason}' if data.reason else ''}"
    yield from _labelled("losses", _losses(rerun.losses))
    if rerun.weights != "unknown":
        yield f"weights      {'identical to the bit' if rerun.weights == 'same' else 'different'} at the end"
    status = rerun.status if rerun.status == rerun.status_then else f"{rerun.status_then} then, {rerun.status} now"
    yield f"status       {status}{f': {rerun.reason}' if rerun.reason else ''}"
    yield from _labelled("remarks", iter(rerun.remarks))


def _labelled(label: str, lines: Iterator[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield f"{'' if place else label:<13}{line}"


def _code(rerun: RerunDocument) -> Iterator[str]:
    code, place = rerun.code, rerun.place
    where = (
        f"commit {place.commit[:12]}" if place.kind == "commit" else f"the sources that {rerun.of} kept: {place.why}"
    )
    names = {"changed": "changed", "added": "only now", "removed": "only then"}
    files = ", ".join(f"{file.path} ({names[file.kind]})" for file in code.files)
    yield f"{code.verdict} ({where}){f': {files}' if files else ''}"
    yield from place.remarks


def _environment(rerun: RerunDocument) -> Iterator[str]:
    lines = [f"{change.path}  {_value(change.left)} then, {_value(change.right)} now" for change in rerun.environment]
    if rerun.device != rerun.device_then and rerun.device and rerun.device_then:
        lines.append(f"device  {rerun.device_then} then, {rerun.device} now")
    loaded = [package for package in rerun.packages if package.loaded]
    lines += [_package(package) for package in loaded[:_MOST_PACKAGES]]
    if len(loaded) > _MOST_PACKAGES:
        lines.append(f"and {len(loaded) - _MOST_PACKAGES} more packages that it loads (--json has all)")
    yield from lines or ["same"]
    if others := len(rerun.packages) - len(loaded):
        yield f"{others} other package{'' if others == 1 else 's'} that it doesn't load differ{'s' * (others == 1)}"
    for name, value in rerun.restored.items():
        yield f"{name} was {'unset' if value is None else f'set to {value}'}, as it was then"


def _package(package: PackageChange) -> str:
    then, now = (version or "not installed" for version in (package.then, package.now))
    return f"{package.name}  {then} then, {now} now"


def _losses(losses: LossComparison) -> Iterator[str]:
    if losses.verdict == "unknown":
        yield f"not compared: {losses.reason}"
        return
    if losses.identical_through:
        yield f"identical to the bit for {_epochs(losses.identical_through)}"
    if losses.within_through > losses.identical_through:
        yield (
            f"within a relative {losses.tolerance:g} for {_epochs(losses.within_through)};"
            f" the largest difference is {losses.largest:.2g}"
        )
    if losses.first is not None:
        first = losses.first
        phase = "" if first.phase == "train" else f" of {first.phase}"
        values = f"{first.name} {_value(first.then)} then, {_value(first.now)} now"
        yield f"different from epoch {first.epoch}{phase}: {values}"
    if losses.reason:
        yield losses.reason


def _epochs(count: int) -> str:
    return "the first epoch" if count == 1 else f"the first {count} epochs"


def _value(value: object) -> str:
    """Return a value in full: two losses may differ in their last digits only."""
    return "none" if value is None else value if isinstance(value, str) else show_value(value)
