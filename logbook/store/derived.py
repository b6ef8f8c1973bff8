"""What follows from the record: the line of `ls`, first/last/best of every number, and the text to search.

Each function here writes one part of it anew from the rows, inside the caller's transaction; `rebuild_run` is all of
them. Only the curves are also kept up by the writer, from the epochs that it adds, because reading a whole run after
each epoch would grow with its length.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from logbook.store import statements
from logbook.store.chain import Chain
from logbook.store.curves import Curves
from logbook.store.payloads import config_of, refusing_damage, validated
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.runs import StartOfRun
from logbook_schemas.records.verdicts import standing_verdict

__all__ = [
    "add_summary",
    "is_live",
    "rebuild_run",
    "refresh_findings",
    "refresh_journal",
    "refresh_status",
    "refresh_text",
    "save_curves",
]


def rebuild_run(raw: sqlite3.Connection, run_id: int) -> None:
    """Make everything that is derived of one run again from its rows."""
    raw.execute(statements.FORGET_SUMMARY, (run_id,))
    add_summary(raw, Chain.of(raw, run_id))
    refresh_status(raw, run_id)
    refresh_journal(raw, run_id)
    refresh_findings(raw, run_id)
    refresh_text(raw, run_id)
    save_curves(raw, run_id, Curves.of(raw, run_id))


def add_summary(raw: sqlite3.Connection, chain: Chain) -> None:
    """Add the summary of a run with what never changes of it; the rest is empty until it is refreshed."""
    row = raw.execute(statements.RUN_IDENTITY, (chain.run_id,)).fetchone()
    *identity, body, payload = row
    start = validated(StartOfRun, payload)
    hypothesis = str(config_of(body).get("hypothesis", ""))
    raw.execute(
        statements.INSERT["summary"],
        (
            *identity,
            hypothesis,
            *start.monitored,
            *("running", "", 0, 0.0, "", "", "", "", 0),
            *(chain.seq + 1, chain.hash),
        ),
    )


def is_live(raw: sqlite3.Connection, run_id: int) -> bool:
    """Return whether a run's newest attempt has no end; its process may be gone all the same."""
    row = raw.execute(statements.STATUS, (run_id,)).fetchone()
    return row is not None and row[0] == "running"


def save_curves(raw: sqlite3.Connection, run_id: int, curves: Curves) -> None:
    """Write all derived numbers of a run: into its summary alone while it goes on, else also row by row."""
    live = is_live(raw, run_id)
    raw.execute(statements.SET_CURVES, (*curves.summary_values(), curves.live_text() if live else None, run_id))
    raw.execute(statements.FORGET_METRICS, (run_id,))
    if not live:
        raw.executemany(statements.INSERT["metric_extent"], curves.metric_rows(run_id))


@refusing_damage("end of an attempt")
def refresh_status(raw: sqlite3.Connection, run_id: int) -> None:
    """Write the status that the newest attempt has, and every error so far.

    An attempt without an end reads `running`; whoever reads the summary looks whether the run is alive.
    """
    ends = [
        json.loads(payload) if payload else None for (payload,) in raw.execute(statements.ATTEMPT_STATUS, (run_id,))
    ]
    newest = ends[-1] if ends else None
    errors = (str(end["error"]["message"]) for end in ends if end and end.get("error"))
    raw.execute(statements.SET_STATUS, (newest["status"] if newest else "running", "\n".join(errors), run_id))


def refresh_journal(raw: sqlite3.Connection, run_id: int) -> None:
    """Write the tags and the outcome: the config's tags first, then what was said (see `verdicts`)."""
    (body,) = raw.execute(statements.RUN_BODY, (run_id,)).fetchone()
    tags: dict[str, None] = dict.fromkeys(config_of(body).get("tags", ()))
    for kind, text, *_ in raw.execute(statements.JOURNAL_ROWS, (run_id,)):
        if kind == "tag":
            tags[text] = None
        elif kind == "untag":
            tags.pop(text, None)
    verdict = standing_verdict(raw.execute(statements.VERDICT_ROWS, (run_id,)))
    spaced = f" {' '.join(tags)} " if tags else ""
    raw.execute(statements.SET_JOURNAL, (spaced, *verdict, run_id))


def refresh_findings(raw: sqlite3.Connection, run_id: int) -> None:
    """Write how many findings count (those waved through don't) and which one is the most probable cause.

    A note is what is wrong with a run only where it accounts for something graver.
    """
    from logbook_schemas.checklist.ranking import most_probable

    live = [finding for finding in _findings(raw, run_id) if finding.ignored is None]
    first = most_probable(live)
    raw.execute(statements.SET_FINDINGS, ("" if first is None else f"{first.code} {first.name}", len(live), run_id))


def refresh_text(raw: sqlite3.Connection, run_id: int) -> None:
    """Write the text of a run that a search looks through."""
    _, _, _, name, *_, body, _ = raw.execute(statements.RUN_IDENTITY, (run_id,)).fetchone()
    said = [f"{text} {reason}".strip() for _, text, reason, *_ in raw.execute(statements.JOURNAL_ROWS, (run_id,))]
    found = [f"{one.code} {one.name} {one.message}" for one in _findings(raw, run_id)]
    (errors,) = raw.execute("SELECT error_text FROM summary WHERE run_id = ?", (run_id,)).fetchone()
    strings = [str(text) for (text,) in raw.execute(statements.TEXT_LEAVES, (run_id,))]
    hypothesis = str(config_of(body).get("hypothesis", ""))
    raw.execute(statements.FORGET_TEXT, (run_id,))
    texts: tuple[Any, ...] = (name, hypothesis, *map("\n".join, (said, found)), errors, "\n".join(strings))
    raw.execute(statements.INSERT["search_text"], (run_id, *texts))


def _findings(raw: sqlite3.Connection, run_id: int) -> Iterator[Finding]:
    for (payload,) in raw.execute(statements.FINDING_ROWS, (run_id,)):
        yield validated(Finding, payload)
