"""What people say of a run: notes, tags, outcomes; and what of it may be written: texts that hold something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logbook.errors import UsageError

if TYPE_CHECKING:
    from logbook_schemas.records.runs import JournalEntry
    from logbook_schemas.records.summary import RunSummary

__all__ = ["add_note", "add_tags", "author", "hides_a_secret", "remove_tags", "said", "set_outcome", "valid_tag"]

_TAG = r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,99}"


def said(text: str, what: str) -> str:
    """Return a text as it is kept; raises UsageError for one that is empty or can't be stored.

    What looks like a secret is masked: no row of the record could be changed when somebody sees it.
    """
    from logbook.provenance.secrets import mask_text

    if not text.strip():
        raise UsageError(f"{what} is empty; write what a reader should know")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{what} holds a character that can't be stored (null, or half of a surrogate pair)")
    return mask_text(text.strip())[0]


def hides_a_secret(text: str) -> bool:
    """Say whether something of a text is masked where it is kept."""
    from logbook.provenance.secrets import mask_text

    return mask_text(text)[1] > 0


def valid_tag(tag: str) -> str:
    """Return a tag; raises UsageError for one that a query could not name."""
    if not re.fullmatch(_TAG, tag):
        raise UsageError(f"tag {tag!r} can't be used: a letter or digit first, then up to 99 letters, digits or ._:/+-")
    return tag


def add_note(reference: str, text: str, *, logbook: str | None = None) -> RunSummary:
    """Append a note to a run's journal."""
    return _append(reference, [_entry("note", said(text, "a note"))], logbook)


def add_tags(reference: str, tags: Sequence[str], *, logbook: str | None = None) -> RunSummary:
    """Put tags on a run."""
    return _append(reference, [_entry("tag", valid_tag(tag)) for tag in dict.fromkeys(tags)], logbook)


def remove_tags(reference: str, tags: Sequence[str], *, logbook: str | None = None) -> RunSummary:
    """Take tags off a run; UsageError for one that it doesn't have."""
    number, summary = _summary(reference, logbook)
    missing = [tag for tag in tags if tag not in summary.tags]
    if missing:
        has = ", ".join(summary.tags) or "none"
        raise UsageError(f"{summary.id} has no tag {missing[0]!r}; its tags: {has}")
    return _append(f"r{number}", [_entry("untag", tag) for tag in dict.fromkeys(tags)], logbook)


def set_outcome(reference: str, verdict: str, *, because: str | None = None, logbook: str | None = None) -> RunSummary:
    """Say what became of a run, and why; a suggested outcome is confirmed with its own reason where none is given."""
    from logbook_schemas.reading import nearest
    from logbook_schemas.records.runs import OUTCOMES

    if verdict not in OUTCOMES:
        near = nearest(verdict, OUTCOMES)
        meant = f"did you mean {near!r}? It" if near else "it"
        raise UsageError(f"unknown outcome {verdict!r}; {meant} is one of {', '.join(OUTCOMES)}")
    if because is None:
        number, summary = _summary(reference, logbook)
        if (summary.outcome, summary.outcome_by) != (verdict, "logbook"):
            raise UsageError("--because 'TEXT' is missing: why is it so? ('logbook outcome --help' tells more)")
        reference, because = f"r{number}", summary.outcome_reason
    return _append(reference, [_entry("outcome", verdict, reason=said(because, "the reason"))], logbook)


def _summary(reference: str, logbook: str | None) -> tuple[int, RunSummary]:
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        number = reader.resolve(reference)
        return number, reader.summary(number)


def _append(reference: str, entries: Iterable[JournalEntry], logbook: str | None) -> RunSummary:
    """Append to the journal of a run and return its summary as it is afterwards."""
    from logbook.store import locate, open_writer

    number, _ = _summary(reference, logbook)
    with open_writer(locate(logbook)) as writer:
        for entry in entries:
            writer.add_journal(number, entry)
    return _summary(f"r{number}", logbook)[1]


def _entry(kind: str, text: str, *, reason: str = "") -> JournalEntry:
    from logbook_schemas.records.runs import JournalEntry

    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return JournalEntry.model_validate({"kind": kind, "text": text, "reason": reason, "at": at, "author": author()})


def author() -> str:
    """Return the name of the user, where the system knows one."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""  # a container may know no name for the user
