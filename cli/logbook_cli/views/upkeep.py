"""What `backup`, `redact` and `gc` say for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_cli.views.text import clean, show_seconds
from logbook_schemas.records.upkeep import BackupDocument, GcDocument, GcRun, RedactDocument

__all__ = ["backup_view", "gc_view", "redact_view", "redacted_view", "scrub_view", "show_bytes"]

_MOST_RUNS = 5
_UNITS = ("kB", "MB", "GB", "TB")


def show_bytes(count: int) -> str:
    """Return a size as people say it, in powers of ten: 999 bytes, 1.5 MB."""
    if count < 1_000:
        return f"{count} byte{'' if count == 1 else 's'}"
    power = min(next(power for power in range(1, 9) if count < 999.5 * 1_000**power), len(_UNITS))
    return f"{count / 1_000**power:.3g} {_UNITS[power - 1]}"


def backup_view(done: BackupDocument) -> str:
    runs = f"{done.runs:,} run{'' if done.runs == 1 else 's'}"
    lines = [clean(done.path), f"{runs}, {show_bytes(done.bytes)}, {show_seconds(done.seconds)}; the copy was verified"]
    if done.checkpoints:
        lines.append(f"with {_files(done.checkpoints, 'checkpoint')}")
    if done.left_out:
        left = f"{_files(done.left_out, 'checkpoint')} ({show_bytes(done.left_out_bytes)})"
        lines.append(f"without {left}: --checkpoints copies them too")
    return "\n".join([*lines, *(f"damaged: {clean(problem)}" for problem in done.problems)])


def redact_view(found: RedactDocument, samples: Sequence[str]) -> str:
    """Say what would be removed, and which rows hold it and stay."""
    lines = []
    for one, sample in zip(found.contents, samples, strict=True):
        runs = ", ".join(one.runs[:_MOST_RUNS]) + (", …" if len(one.runs) > _MOST_RUNS else "")
        parts = [clean(part) for part in (runs, one.what, show_bytes(one.bytes), one.hash[:12]) if part]
        if one.matches:
            parts.append(f"{one.matches} × {clean(sample)}")
        lines.append("  ".join(parts) + ("  (predict needs it)" if one.needed else ""))
    if found.rows:
        lines += [
            "",
            "rows of the record hold it too. They are chained by hash and can't be changed; revoke the secret, and",
            "keep the logbook, its backups and its reports from others:",
            *(f"  {clean(row)}" for row in found.rows),
        ]
    return "\n".join(lines).strip("\n")


def redacted_view(done: RedactDocument) -> str:
    """Say what was removed, and where copies of it may still be."""
    count = f"{len(done.contents)} content{'' if len(done.contents) == 1 else 's'}"
    lines = [f"{count} removed ({show_bytes(sum(one.bytes for one in done.contents))}); their hashes stay"]
    if not done.scrubbed:
        lines.append(scrub_view(is_clean=False))
    if done.copies:
        lines += ["older copies of the logbook may hold them still:", *(f"  {clean(path)}" for path in done.copies)]
    return "\n".join(lines)


def scrub_view(*, is_clean: bool) -> str:
    if is_clean:
        return "the file was written anew: nothing of what was redacted is left in it"
    return (
        "the old bytes may still stand in logbook.db-wal, since another program is reading the logbook; when it has"
        " ended: logbook redact --scrub"
    )


def gc_view(done: GcDocument) -> str:
    lines = list(_gc_lines(done))
    freed = "freed" if done.done else "would be freed"
    return "\n".join([*lines, f"{show_bytes(done.bytes)} {freed} ({clean(done.policy)})"])


def _gc_lines(done: GcDocument) -> Iterator[str]:
    verb = "removed" if done.done else "would remove"
    for one in done.runs:
        what = _removed(one)
        if what:
            yield f"{one.run or 'no run'}  {verb} {what}, {show_bytes(one.bytes)}"
        if one.kept:
            yield f"{one.run}  kept: {clean(one.kept)}"


def _removed(one: GcRun) -> str:
    parts = [f"its {' and '.join(one.removed)} checkpoint{'s' if len(one.removed) > 1 else ''}"] if one.removed else []
    if one.files:
        parts.append(f"{_files(one.files, 'half-written file' if one.run else 'file')}")
    return ", ".join(parts)


def _files(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
