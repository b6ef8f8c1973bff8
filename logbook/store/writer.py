"""The one way into the record: every public method is one transaction that is on disk when it returns."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from logbook.store import derived, statements
from logbook.store.chain import BEFORE_FIRST, Chain, payload_of, row_hash, storable
from logbook.store.curves import Curves, values_of
from logbook.store.engine import WriteConnection
from logbook.store.identifiers import new_uuid, new_words, utc_now
from logbook.store.inserting import insert
from logbook.store.schema import ROW_FORMAT
from logbook.store.settling import settle
from logbook.store.summaries import summary_of
from logbook_schemas.records.base import Record
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.judgements import JudgementRecord
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry, RunSummary, StartOfRun, Status
from logbook_schemas.records.searches import SavedSearch

if TYPE_CHECKING:
    from logbook_schemas.config.identity import AnyConfig, Frozen

__all__ = ["Judged", "Writer"]

SUMMARY_SECONDS = 0.1
"""The shortest time between two summaries of a run that goes on: one with every epoch took a quarter of the processor
time of appending (`benchmarks/append.py`). Readers don't depend on it (see `settling`)."""


class Writer:
    """Adds to a logbook; holds one connection. `remarks` are warnings about the place, for the user to see.

    Each method raises StoreError where the file can't be written, StoreFullError where there is no room left, and
    NotFoundError for a run that isn't there; in each of these cases nothing of the call was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = WriteConnection(folder)
        self._known: dict[int, _Place] = {}
        try:
            _ = self._connection.raw
        except BaseException:
            self._connection.close()
            raise

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._connection.remarks

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring summaries up to date, where that can be done at once, and close; a second call does nothing."""
        self._connection.close()
        behind = [number for number, place in self._known.items() if place.behind]
        self._known.clear()
        if behind:
            settle(self.folder, also=behind)

    def begin_run(
        self,
        config: AnyConfig,
        frozen: Frozen,
        start: StartOfRun,
        attempt: AttemptRecord,
        *,
        blobs: Mapping[str, bytes],
        data: DataRecord | None,
        findings: Sequence[Finding],
        metric_modes: Mapping[str, str],
        parent: tuple[str, int] | None = None,
        uuid: str | None = None,
    ) -> RunSummary:
        """Record a run and the beginning of its first attempt, with all that is known before its first step.

        `blobs` are contents by their SHA-256 in hex. `parent` is the version that a new version is derived from.
        A caller that already holds the run's live lock gives the `uuid` (`identifiers.new_uuid`) that it holds.
        """
        from logbook.store import beginning

        start = start.model_copy(update={"metric_modes": dict(metric_modes)})
        packed = beginning.pack_blobs(self._connection.raw, blobs)
        with self._connection.transaction() as raw:
            beginning.add_blobs(raw, packed)
            config_id = beginning.add_config(raw, config, frozen)
            version_id = beginning.add_version(raw, config.name, frozen, config_id=config_id, parent=parent)
            chain = _add_run(raw, start, config_id=config_id, version_id=version_id, uuid=uuid or new_uuid())
            chain.add("attempt", number=1, payload=payload_of(attempt.model_copy(update={"number": 1})))
            if data is not None:
                chain.add("record", moment="data", payload=payload_of(data))
            _add_findings(chain, 1, findings)
            derived.add_summary(raw, chain)
            derived.refresh_journal(raw, chain.run_id)
            derived.refresh_findings(raw, chain.run_id)
            derived.refresh_text(raw, chain.run_id)
            summary = summary_of(raw, chain.run_id)
        return summary

    def begin_attempt(self, number: int, attempt: AttemptRecord) -> int:
        """Record that a run goes on from epoch `attempt.resumed_from`; returns the number of the attempt."""
        with self._changing(number, keeps_curves=False) as (raw, chain):
            (count,) = raw.execute(statements.NEXT_ATTEMPT, (number,)).fetchone()
            chain.add("attempt", number=count, payload=payload_of(attempt.model_copy(update={"number": count})))
            derived.refresh_status(raw, number)
            derived.refresh_journal(raw, number)  # what was suggested at the last end no longer stands
            derived.save_curves(raw, number, Curves.of(raw, number))
        return int(count)

    def append_record(self, number: int, moment: str, record: Record) -> None:
        """Record what was measured once: `moment` is data, start or end."""
        with self._changing(number) as (_, chain):
            chain.add("record", moment=moment, payload=payload_of(record))

    def append_epoch(self, number: int, attempt: int, record: EpochRecord, series: bytes | None = None) -> None:
        """Record an epoch, with its compressed series of steps.

        The epoch is on disk at once; the summary of a run that goes on follows at most ten times a second.
        """
        payload, values = payload_of(record), values_of(record)
        known = self._known.pop(number, None)
        with self._connection.transaction() as raw:
            place = _place(raw, number, known)
            columns = {"attempt": attempt, "phase": record.phase, "epoch": record.epoch}
            place.chain.add("epoch", **columns, payload=payload, series=series)
            place.behind.append((record.epoch, values) if record.phase == "train" else None)
            if not place.is_live or time.monotonic() - place.saved_at >= SUMMARY_SECONDS:
                place.save()
        # Kept only once it is on disk: after a failure the next epoch finds its place from the rows again.
        self._known[number] = place

    def append_findings(self, number: int, attempt: int, findings: Sequence[Finding]) -> None:
        """Record what rules found."""
        if not findings:
            return
        with self._changing(number) as (raw, chain):
            _add_findings(chain, attempt, findings)
            derived.refresh_findings(raw, number)
            derived.refresh_text(raw, number)

    def append_judgements(self, judged: Sequence[Judged]) -> list[int]:
        """Record what came of judging runs again, in one transaction; return the numbers of the runs that were.

        A run that has another row since it was read is left out: what was judged is no longer all there is of it.
        """
        written: list[int] = []
        with self._connection.transaction() as raw:
            for one in judged:
                chain = Chain.to_add_to(raw, one.number)
                if chain.seq != one.last_row:
                    continue
                self._known.pop(one.number, None)
                if raw.execute(statements.IS_BEHIND, (one.number,)).fetchone() is not None:
                    derived.save_curves(raw, one.number, Curves.of(raw, one.number))
                if one.judgement is not None:
                    _add_judgement(raw, chain, one, one.judgement)
                if one.suggestion is not None:
                    _add_entry(chain, one.suggestion)
                    derived.refresh_journal(raw, one.number)
                derived.refresh_text(raw, one.number)
                chain.save_head()
                written.append(one.number)
        return written

    def end_attempt(
        self,
        number: int,
        attempt: int,
        *,
        status: Status,
        reason: str = "",
        error: ErrorRecord | None = None,
        end: EndRecord | None = None,
        suggestion: JournalEntry | None = None,
        blobs: Mapping[str, bytes] | None = None,
    ) -> None:
        """Record how an attempt ended, with its end record where there is one, and the chain's end in the ledger.

        `suggestion` is what the logbook has to say of it, in the journal; `blobs` are contents that the end record
        names, by their SHA-256 in hex.
        """
        from logbook.store import beginning

        packed = beginning.pack_blobs(self._connection.raw, blobs or {})
        ending = AttemptRecord(number=attempt, started_at="", status=status, reason=reason, error=error)
        known = self._known.pop(number, None)
        with self._connection.transaction() as raw:
            place = _place(raw, number, known)
            chain = place.chain
            beginning.add_blobs(raw, packed)
            if end is not None:
                chain.add("record", moment="end", payload=payload_of(end))
            if suggestion is not None:
                _add_entry(chain, suggestion)
            chain.add("attempt_end", number=attempt, payload=payload_of(ending))
            insert(raw, "ledger", (number, utc_now(), chain.seq + 1, chain.hash, status))
            derived.refresh_status(raw, number)
            if suggestion is not None:
                derived.refresh_journal(raw, number)
            derived.refresh_text(raw, number)
            derived.save_curves(raw, number, place.catch_up())
            chain.save_head()

    def add_journal(self, number: int, entry: JournalEntry) -> None:
        """Record what is said of a run; the point in time is now, whatever the entry says."""
        with self._changing(number) as (raw, chain):
            _add_entry(chain, entry)
            derived.refresh_journal(raw, number)
            derived.refresh_text(raw, number)

    def save_search(self, saved: SavedSearch) -> None:
        """Keep a query under a name, from now on in place of what the name stood for; an empty one takes it back."""
        texts = (saved.name, saved.query, saved.sort, saved.columns, saved.author)
        with self._connection.transaction() as raw:
            insert(raw, "saved_search", (utc_now(), *map(storable, texts), ROW_FORMAT))

    def put_blobs(self, blobs: Mapping[str, bytes]) -> None:
        """Store contents by their SHA-256 in hex, each once."""
        from logbook.store import beginning

        packed = beginning.pack_blobs(self._connection.raw, blobs)
        with self._connection.transaction() as raw:
            beginning.add_blobs(raw, packed)

    @contextmanager
    def _changing(self, number: int, *, keeps_curves: bool = True) -> Iterator[tuple[sqlite3.Connection, Chain]]:
        """One transaction that puts rows behind the chain of a run; its summary covers all rows before and after."""
        known = self._known.pop(number, None)
        with self._connection.transaction() as raw:
            place = known if known is not None and _still_holds(known, raw) else None
            chain = place.chain if place is not None else Chain.to_add_to(raw, number)
            if raw.execute(statements.IS_BEHIND, (number,)).fetchone() is not None:
                derived.save_curves(raw, number, place.catch_up() if place is not None else Curves.of(raw, number))
            yield raw, chain
            chain.save_head()
        if place is not None and keeps_curves:
            self._known[number] = place


class Judged(NamedTuple):
    """A run that was judged again, and the place of the newest row that was there to judge.

    All its findings where they differ, with the judgement; what is suggested of it where that does.
    """

    number: int
    attempt: int
    last_row: int
    judgement: JudgementRecord | None = None
    findings: Sequence[Finding] = ()
    suggestion: JournalEntry | None = None


@dataclass(slots=True)
class _Place:
    """Where a run stands, as this writer left it; `version` changes once another connection has written.

    `saved_at` is when this writer last wrote the run's summary; `behind` has the epochs that it has added since, which
    neither the summary nor `curves` have: many at once are taken faster than one after each wait for the disk.
    """

    raw: sqlite3.Connection
    version: int
    chain: Chain
    curves: Curves
    is_live: bool
    saved_at: float = -math.inf
    behind: list[tuple[int, dict[str, float]] | None] = field(default_factory=list)

    def catch_up(self) -> Curves:
        """Return the curves with all epochs so far."""
        for one in self.behind:
            if one is not None:
                self.curves.add(*one)
        self.behind.clear()
        return self.curves

    def save(self) -> None:
        """Write the run's summary; the numbers of one that ended also row by row."""
        chain, curves = self.chain, self.catch_up()
        if self.is_live:
            numbers = *curves.summary_values(), curves.live_text(), chain.seq + 1, chain.hash, chain.run_id
            self.raw.execute(statements.SET_CURVES_AND_HEAD, numbers)
        else:
            derived.save_curves(self.raw, chain.run_id, curves)
            chain.save_head()
        self.saved_at = time.monotonic()


def _place(raw: sqlite3.Connection, number: int, known: _Place | None) -> _Place:
    """Return what is known of a run where nobody else has added to it since, else what its rows say."""
    if known is not None and _still_holds(known, raw):
        return known
    (version,) = raw.execute(statements.DATA_VERSION).fetchone()
    return _Place(raw, version, Chain.to_add_to(raw, number), Curves.of(raw, number), derived.is_live(raw, number))


def _still_holds(known: _Place, raw: sqlite3.Connection) -> bool:
    """Return whether the rows of a run are those that are known: the end of its chain stands for all of them."""
    if known.raw is not raw:
        return False
    (version,) = raw.execute(statements.DATA_VERSION).fetchone()
    if version != known.version and Chain.of(raw, known.chain.run_id).hash != known.chain.hash:
        return False
    known.version = version
    return True


def _add_run(raw: sqlite3.Connection, start: StartOfRun, *, config_id: int, version_id: int, uuid: str) -> Chain:
    (run_id,) = raw.execute(statements.NEXT_ID["run"]).fetchone()
    values: dict[str, object] = {
        "id": run_id,
        "uuid": uuid,
        "words": new_words(lambda words: raw.execute(statements.WORDS_TAKEN, (words,)).fetchone() is not None),
        "config_id": config_id,
        "version_id": version_id,
        "seed": start.seed,
        "at": utc_now(),
        "seq": 0,
        "row_format": ROW_FORMAT,
        "payload": payload_of(start),
    }
    row = [values[name] for name in statements.COLUMNS["run"][:-1]]
    head = row_hash(BEFORE_FIRST, "run", row)
    insert(raw, "run", (*row, head))
    return Chain(raw, run_id, seq=0, hash_=head)


def _add_judgement(raw: sqlite3.Connection, chain: Chain, judged: Judged, judgement: JudgementRecord) -> None:
    (count,) = raw.execute(statements.NEXT_JUDGEMENT, (judged.number,)).fetchone()
    chain.add("judgement", number=count, payload=payload_of(judgement.model_copy(update={"number": count, "at": ""})))
    _add_findings(chain, judged.attempt, judged.findings)
    derived.refresh_findings(raw, judged.number)


def _add_entry(chain: Chain, entry: JournalEntry) -> None:
    texts = {"text": entry.text, "reason": entry.reason, "author": entry.author}
    chain.add("journal", kind=entry.kind, **{name: storable(text) for name, text in texts.items()})


def _add_findings(chain: Chain, attempt: int, findings: Iterable[Finding]) -> None:
    for finding in findings:
        chain.add(
            "finding",
            attempt=attempt,
            moment=finding.moment,
            epoch=finding.epoch,
            code=finding.code,
            name=finding.name,
            severity=finding.severity,
            payload=payload_of(finding),
        )
