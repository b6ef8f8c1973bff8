"""The one way into the record: every public method is one transaction that is on disk when it returns."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain as joined
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from logbook.store import derived, statements
from logbook.store.chain import BEFORE_FIRST, Chain, payload_of, row_hash, storable
from logbook.store.curves import Curves, kind_of_number, values_of
from logbook.store.engine import WriteConnection
from logbook.store.identifiers import new_uuid, new_words, utc_now
from logbook.store.schema import ROW_FORMAT
from logbook.store.summaries import summary_of
from logbook_schemas.records.base import Record
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry, RunSummary, StartOfRun, Status

if TYPE_CHECKING:
    from logbook_schemas.config.identity import AnyConfig, Frozen

__all__ = ["Writer"]

_FEW = 60
"""Up to this many numbers one statement over all rows of a run is quicker than one statement for each."""


class Writer:
    """Adds to a logbook; holds one connection. `remarks` are warnings about the place, for the user to see.

    Each method raises StoreError where the file can't be written, StoreFullError where there is no room left, and
    NotFoundError for a run that isn't there; in each of these cases nothing of the call was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = WriteConnection(folder)
        self._known: dict[int, tuple[sqlite3.Connection, int, Chain, Curves]] = {}
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
        """Close the connection; a second call does nothing."""
        self._connection.close()

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
            version_id = beginning.add_version(raw, config.name, frozen.recipe_hash, config_id=config_id, parent=parent)
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
        with self._changing(number) as (raw, chain):
            (count,) = raw.execute(statements.NEXT_ATTEMPT, (number,)).fetchone()
            chain.add("attempt", number=count, payload=payload_of(attempt.model_copy(update={"number": count})))
            derived.refresh_status(raw, number)
            derived.save_curves(raw, number, Curves.of(raw, number))
        return int(count)

    def append_record(self, number: int, moment: str, record: Record) -> None:
        """Record what was measured once: `moment` is data, start or end."""
        with self._changing(number) as (_, chain):
            chain.add("record", moment=moment, payload=payload_of(record))

    def append_epoch(self, number: int, attempt: int, record: EpochRecord, series: bytes | None = None) -> None:
        """Record an epoch, with its compressed series of steps."""
        payload, values = payload_of(record), values_of(record)
        known = self._known.pop(number, None)
        with self._connection.transaction() as raw:
            version = _data_version(raw)
            if known is not None and known[0] is raw and known[1] == version:
                # Nobody else has written since: the end of the chain is where this writer left it.
                _, _, chain, curves = known
            else:
                chain, curves = Chain.of(raw, number), Curves.of(raw, number)
            columns = {"attempt": attempt, "phase": record.phase, "epoch": record.epoch}
            chain.add("epoch", **columns, payload=payload, series=series)
            if record.phase == "train":
                _keep_up(raw, number, curves, record.epoch, values)
            raw.execute(statements.SET_CURVES_AND_HEAD, (*curves.summary_values(), chain.seq + 1, chain.hash, number))
        # Kept only once it is on disk: after a failure the next epoch finds its place from the rows again.
        self._known[number] = raw, version, chain, curves

    def append_findings(self, number: int, attempt: int, findings: Sequence[Finding]) -> None:
        """Record what rules found."""
        if not findings:
            return
        with self._changing(number) as (raw, chain):
            _add_findings(chain, attempt, findings)
            derived.refresh_findings(raw, number)
            derived.refresh_text(raw, number)

    def end_attempt(
        self,
        number: int,
        attempt: int,
        *,
        status: Status,
        reason: str = "",
        error: ErrorRecord | None = None,
        end: EndRecord | None = None,
    ) -> None:
        """Record how an attempt ended, with its end record where there is one, and the chain's end in the ledger."""
        ending = AttemptRecord(number=attempt, started_at="", status=status, reason=reason, error=error)
        with self._changing(number) as (raw, chain):
            if end is not None:
                chain.add("record", moment="end", payload=payload_of(end))
            chain.add("attempt_end", number=attempt, payload=payload_of(ending))
            raw.execute(statements.INSERT["ledger"], (number, utc_now(), chain.seq + 1, chain.hash, status))
            derived.refresh_status(raw, number)
            derived.refresh_text(raw, number)

    def add_journal(self, number: int, entry: JournalEntry) -> None:
        """Record what a person says of a run; the point in time is now, whatever the entry says."""
        texts = {"text": entry.text, "reason": entry.reason, "author": entry.author}
        with self._changing(number) as (raw, chain):
            chain.add("journal", kind=entry.kind, **{name: storable(text) for name, text in texts.items()})
            derived.refresh_journal(raw, number)
            derived.refresh_text(raw, number)

    def put_blobs(self, blobs: Mapping[str, bytes]) -> None:
        """Store contents by their SHA-256 in hex, each once."""
        from logbook.store import beginning

        packed = beginning.pack_blobs(self._connection.raw, blobs)
        with self._connection.transaction() as raw:
            beginning.add_blobs(raw, packed)

    @contextmanager
    def _changing(self, number: int) -> Iterator[tuple[sqlite3.Connection, Chain]]:
        """One transaction that puts rows behind the chain of a run."""
        self._known.pop(number, None)
        with self._connection.transaction() as raw:
            chain = Chain.of(raw, number)
            yield raw, chain
            chain.save_head()


def _data_version(raw: sqlite3.Connection) -> int:
    """Return a number that changes whenever another connection has written, and only then."""
    return int(raw.execute("PRAGMA data_version").fetchone()[0])


def _add_run(raw: sqlite3.Connection, start: StartOfRun, *, config_id: int, version_id: int, uuid: str) -> Chain:
    (run_id,) = raw.execute(statements.NEXT_RUN).fetchone()
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
    values["hash"] = head = row_hash(BEFORE_FIRST, "run", values)
    raw.execute(statements.INSERT["run"], [values[name] for name in statements.COLUMNS["run"]])
    return Chain(raw, run_id, seq=0, hash_=head)


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


def _keep_up(raw: sqlite3.Connection, number: int, curves: Curves, epoch: int, values: dict[str, float]) -> None:
    """Bring the derived numbers of a run up to one more epoch."""
    new = curves.add(epoch, values)
    if new is None:
        derived.save_curves(raw, number, curves)
        return
    _set_last(raw, number, {name: value for name, value in values.items() if name not in new} if new else values)
    better = curves.improved()
    if better:
        raw.execute(statements.set_best(len(better)), (epoch, number, *better))
    raw.executemany(statements.INSERT["run_metric"], curves.metric_rows(number, new))


def _set_last(raw: sqlite3.Connection, number: int, values: Mapping[str, float]) -> None:
    """Write the newest value of each number; the quick way is for those that are finite, and not too many."""
    (odd,) = raw.execute(statements.HAS_ODD_KIND, (number,)).fetchone()
    if odd or len(values) > _FEW or not all(map(math.isfinite, values.values())):
        rows = [(value, kind_of_number(value), number, name) for name, value in values.items()]
        raw.executemany(statements.SET_LAST_AND_KIND, rows)
    elif values:
        raw.execute(statements.set_last(len(values)), (*joined.from_iterable(values.items()), number))
