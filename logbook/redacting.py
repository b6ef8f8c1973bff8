"""Removes a secret that slipped through into the contents of the record, and says where else it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from logbook.errors import NotFoundError, UsageError
from logbook.journal import author
from logbook.store import locate, open_reader
from logbook.store.location import DATABASE

if TYPE_CHECKING:
    from logbook.store.redaction import Holder, Place
    from logbook_schemas.records.upkeep import RedactDocument, RedactedContent

__all__ = ["Found", "find_secret", "redact_found", "scrub_file"]

Tell = Callable[[str, int, int], None]

_NEEDED = "preparation"
"""Without it `predict` can't prepare a row."""

_SHOWN = 4
"""Characters of a match that are shown: enough to know it again, too few to use it."""


class Found(NamedTuple):
    """What is to be redacted, and what can't be."""

    folder: Path
    contents: tuple[RedactedContent, ...]
    rows: tuple[str, ...]
    samples: tuple[str, ...]
    """The beginning of what matched first in each content; an empty text where no pattern was given."""

    def document(self, *, done: bool = False, scrubbed: bool = True) -> RedactDocument:
        """Return what `redact --json` prints."""
        from logbook_schemas.records.upkeep import RedactDocument

        return RedactDocument(
            done=done,
            contents=self.contents,
            rows=self.rows,
            copies=tuple(str(path) for path in _copies(self.folder)),
            scrubbed=scrubbed,
        )


def find_secret(
    runs: Sequence[str],
    *,
    match: str | None = None,
    files: Sequence[str] = (),
    logbook: str | None = None,
    tell: Tell,
    stdin: TextIO | None = None,
) -> Found:
    """Return the contents, of some runs or of all, that hold what a regular expression matches, or that are named.

    `files` are names as `redact` prints them: diff, packages, config, or the path of a source or untracked file. Raises
    NotFoundError where nothing is found, UsageError for a pattern or a choice that can't be meant. A `match` that is a
    dash stands for the first line of `stdin`, which is the secret itself and no expression.
    """
    from logbook.store import redaction

    if match is None and not files:
        raise UsageError("say what is to go: --match PATTERN, or --file NAME of a run")
    if files and not runs:
        raise UsageError("--file needs a run: logbook redact r42 --file notes.txt")
    folder = locate(logbook)
    with open_reader(folder) as reader:
        numbers = {reader.resolve(reference) for reference in runs}
    places = redaction.contents_of_runs(folder)
    named = _named(places, numbers, files)
    if files and not named:
        there = sorted({place.what for some in places.values() for place in some if place.run in numbers})
        raise NotFoundError(
            f"no content {', '.join(map(repr, files))} of {', '.join(runs)}; there are {_listed(there)}"
        )
    among = named if files else {name for name, some in places.items() if _is_of(some, numbers)} if numbers else None
    if match == "-" and stdin is not None:
        match = re.escape(stdin.readline().strip())
        if not match:
            raise UsageError("--match - reads the secret from stdin, which is empty")
    text, pattern = _compiled(match)
    holders = redaction.find_contents(folder, pattern, among=among, tell=tell)
    rows = redaction.find_texts(folder, text, among=numbers or None) if text is not None else []
    if not holders and not rows:
        if match is None:
            raise NotFoundError(f"{', '.join(files)} of {', '.join(runs)} was redacted before, or is empty")
        # Asked again, perhaps, because the first time was broken off: a tombstone comes first, the new file after it.
        more = ". What was redacted before is out of the file's old pages, too, after: logbook redact --scrub"
        raise NotFoundError(
            f"nothing here matches {_hidden(match)}; the pattern is a regular expression"
            f"{more if redaction.was_redacted(folder) else ''}"
        )
    return Found(
        folder,
        tuple(_content(holder, places.get(holder.hash, [])) for holder in holders),
        tuple(f"{f'r{place.run}: ' if place.run else ''}{place.what}" for place in rows),
        tuple(_hidden(holder.first) for holder in holders),
    )


def redact_found(found: Found) -> RedactDocument:
    """Put tombstones in place of the contents that were found, and write the file anew without them."""
    from logbook.store import redaction

    redaction.redact(found.folder, [one.hash for one in found.contents], author=author())
    return found.document(done=True, scrubbed=redaction.compact(found.folder))


def scrub_file(*, logbook: str | None = None) -> bool:
    """Write the file anew, so that nothing of what was redacted before is left in it; return whether that was done."""
    from logbook.store import redaction

    folder = locate(logbook)
    with open_reader(folder):
        pass
    return redaction.compact(folder)


def _compiled(match: str | None) -> tuple[re.Pattern[str] | None, re.Pattern[bytes] | None]:
    """Return the pattern for texts and for contents, which are bytes of any encoding; UsageError for a wrong one."""
    if match is None:
        return None, None
    try:
        text, raw = re.compile(match), re.compile(match.encode())
    except (re.error, UnicodeEncodeError, RecursionError, OverflowError) as error:
        raise UsageError(f"--match is no regular expression: {error}") from error
    if text.match(""):
        raise UsageError("--match fits an empty text, and so everything; write what the secret looks like")
    return text, raw


def _named(places: dict[str, list[Place]], numbers: set[int], files: Sequence[str]) -> set[str]:
    """Return the contents that some names mean, of some runs: the whole name, or what stands behind its first word."""
    return {
        name
        for name, some in places.items()
        for place in some
        if place.run in numbers and {place.what, place.what.partition(" ")[0], place.what.partition(" ")[2]} & {*files}
    }


def _is_of(places: Sequence[Place], numbers: set[int]) -> bool:
    return any(place.run in numbers for place in places)


def _content(holder: Holder, places: Sequence[Place]) -> RedactedContent:
    from logbook_schemas.records.upkeep import RedactedContent

    whats = list(dict.fromkeys(place.what for place in places))
    return RedactedContent(
        hash=holder.hash,
        bytes=holder.size,
        runs=tuple(f"r{number}" for number in dict.fromkeys(place.run for place in places)),
        what=", ".join(whats) or "named by no run",
        matches=holder.matches,
        needed=_NEEDED in whats,
    )


def _hidden(text: str) -> str:
    """Return the beginning of a secret, and how long it is."""
    return f"{text[:_SHOWN]}… ({len(text)} characters)" if text else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "") if names else "none"


def _copies(folder: Path) -> list[Path]:
    """Return the copies of the logbook that lie with it: those made before an upgrade, and backups."""
    return [*sorted(folder.glob(f"{DATABASE}.before-version-*")), *sorted((folder / "backups").glob("*/"))]
