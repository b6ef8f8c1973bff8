"""The one way out of the record: pure reads over a connection that can't write, rows in and schemas out."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from logbook.errors import DamagedError, NotFoundError
from logbook.store import live, queries, references, statements
from logbook.store.contents import unpacked_content
from logbook.store.engine import ReadConnection
from logbook.store.failures import translated
from logbook.store.payloads import attempt_of, frozen_of, record_of
from logbook.store.settling import Overlay
from logbook.store.summaries import summary_from_row, summary_of

if TYPE_CHECKING:
    from logbook.store.recipes import KnownRecipes
    from logbook.store.search.columns import Cell
    from logbook_schemas.records.base import Record
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.data import DataRecord
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.judgements import JudgementRecord
    from logbook_schemas.records.measures import EpochRecord
    from logbook_schemas.records.runs import AttemptRecord, JournalEntry, RunRecord, RunSummary, VersionRecord
    from logbook_schemas.records.searches import SavedSearch

__all__ = ["Reader"]

_One = TypeVar("_One", bound="Record")

_LATEST = 5
"""Runs that the statistics of a rule name."""


class Reader:
    """Reads a logbook. Each method raises StoreError where the file can't be read.

    Methods that take a run's number raise NotFoundError for a run that isn't there. Each imports the schemas that it
    returns: a list of runs needs one of them, and all together take as long to import as the list takes to read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = ReadConnection(folder)
        self._overlay = Overlay()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._connection.close()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection, for the rest of the store; everything read in the block is of one moment.

        Summaries that are behind their run's rows read as if they weren't (see `settling`).
        """
        raw = self._connection.raw
        with translated(self._connection.path):
            if raw.in_transaction:
                yield raw
                return
            raw.execute("BEGIN")
            try:
                self._overlay.lay(raw)
                yield raw
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    # Runs: one line each, or whole.

    def runs(self, *, limit: int | None = None, name: str | None = None, newest_first: bool = True) -> list[RunSummary]:
        """Return the runs, or those of one name, newest first unless said otherwise."""
        parameters = (-1 if limit is None else limit,) if name is None else (name, -1 if limit is None else limit)
        statement = queries.NEWEST_FIRST if newest_first else queries.OLDEST_FIRST
        if name is not None:
            statement = queries.NEWEST_FIRST_OF_NAME if newest_first else queries.OLDEST_FIRST_OF_NAME
        with self.connection() as raw:
            return self.summaries(raw.execute(statement, parameters))

    def find_recipe(self, recipe_hash: str) -> list[RunSummary]:
        """Return the runs of a recipe, newest first: replicates of each other."""
        with self.connection() as raw:
            return self.summaries(raw.execute(queries.OF_RECIPE, (recipe_hash,)))

    def among(self, numbers: Sequence[int]) -> list[RunSummary]:
        """Return the runs of these numbers, oldest first."""
        with self.connection() as raw:
            return self.summaries(raw.execute(queries.AMONG, (json.dumps(list(numbers)),)))

    def of_recipes(self, recipe_hashes: Sequence[str]) -> list[RunSummary]:
        """Return the runs of several recipes, newest first."""
        with self.connection() as raw:
            return self.summaries(raw.execute(queries.OF_RECIPES, (json.dumps(recipe_hashes),)))

    def recipes(self) -> KnownRecipes:
        """Return where the recipe of every version lies, packed."""
        from logbook.store.recipes import read_recipes

        with self.connection() as raw:
            return read_recipes(raw)

    def recipes_of(self, versions: Sequence[int]) -> dict[int, str]:
        """Return the recipe hash of versions, by the row that `recipes` names them by."""
        with self.connection() as raw:
            return dict(raw.execute(queries.RECIPES_OF, (json.dumps(versions),)))

    def search(
        self, query: str, *, sort: str | None = None, limit: int | None = None, newest_first: bool = True
    ) -> list[RunSummary]:
        """Return the runs that a query matches; UsageError where the query can't be read."""
        from logbook.store.search import search_runs

        with self.connection() as raw:
            numbers = search_runs(raw, query, sort=sort, limit=limit, crashed=self.crashed)
            found = {one.number: one for one in self.among(numbers)}
        ordered = [found[number] for number in numbers]
        return ordered if newest_first else ordered[::-1]

    def columns(self, numbers: Sequence[int], columns: str) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
        """Return the names of columns, and for each run what it has there; UsageError for a field that isn't there."""
        from logbook.store.search.columns import read_columns

        with self.connection() as raw:
            return read_columns(raw, numbers, columns, crashed=self.crashed)

    def matching_words(self, query: str, numbers: Sequence[int]) -> dict[int, str]:
        """Return where in the text of each run the words of a query stand, in brackets; of those that have any."""
        from logbook.store.search.language import parse_query
        from logbook.store.search.relevance import matching_words

        with self.connection() as raw:
            return matching_words(raw, parse_query(query).root, numbers)

    def saved_searches(self) -> tuple[SavedSearch, ...]:
        """Return the queries that people keep, by name."""
        from logbook_schemas.records.searches import SavedSearch

        fields = ("name", "query", "sort", "columns", "at", "author")
        with self.connection() as raw:
            rows = raw.execute(queries.SAVED_SEARCHES).fetchall()
        return tuple(SavedSearch.model_construct(**dict(zip(fields, row, strict=True))) for row in rows)

    def unmatched(self, query: str) -> tuple[str, ...]:
        """Return a remark for each value in a query that no run has and that is no kind, choice or rule either."""
        from logbook.store.search.unmatched import unmatched_values

        with self.connection() as raw:
            return unmatched_values(raw, query)

    def summaries(self, rows: Iterable[tuple[Any, ...]]) -> list[RunSummary]:
        """Return rows of `SUMMARY_COLUMNS` as summaries; a run that says `running` and isn't alive has crashed."""
        return [self._as_it_is(summary_from_row(row)) for row in rows]

    def resolve(self, reference: str) -> int:
        """Return the number of the run that a reference means (see `references`).

        Raises NotFoundError, with the nearest name, where there is none; UsageError where it means several.
        """
        with self.connection() as raw:
            return references.resolve(raw, reference)

    def summary(self, number: int) -> RunSummary:
        with self.connection() as raw:
            return self._as_it_is(summary_of(raw, number))

    def run(self, number: int, *, layers: bool = True) -> RunRecord:
        """Return a run, whole; without `layers`, the epochs carry none.

        Findings stand in the order in which they were recorded.
        """
        from logbook_schemas.records.measures import EndRecord, StartRecord
        from logbook_schemas.records.runs import RunRecord

        with self.connection() as raw:
            return RunRecord.model_construct(
                summary=self.summary(number),
                config=json.loads(frozen_of(*_first(raw, queries.CONFIG_OF_RUN, number))),
                start_of_run=self.start_of_run(number),
                attempts=self.attempts(number),
                data=self.data_record(number),
                start=_newest(raw, number, "start", StartRecord),
                epochs=self.epochs(number, layers=layers),
                end=_newest(raw, number, "end", EndRecord),
                findings=self.findings(number),
                journal=self.journal(number),
                judgements=self.judgements(number),
            )

    def epochs(self, number: int, *, layers: bool = True) -> tuple[EpochRecord, ...]:
        """Return the epochs that count, in order: each as it was last trained, none beyond the point of a resume."""
        from logbook.store.curves import counting_payloads
        from logbook_schemas.records.measures import EpochRecord

        with self.connection() as raw:
            self._check(raw, number)
            texts = counting_payloads(raw.execute(statements.CURVE_ROWS, (number,)))
        return tuple(record_of(EpochRecord, text, without="" if layers else "layers") for text in texts)

    def history(self, number: int) -> tuple[EpochRecord, ...]:
        """Return every epoch that was ever recorded of a run, in the order of recording."""
        from logbook_schemas.records.measures import EpochRecord

        with self.connection() as raw:
            self._check(raw, number)
            return tuple(record_of(EpochRecord, text) for (text,) in raw.execute(queries.ALL_EPOCHS, (number,)))

    def series(self, number: int, epoch: int, *, phase: str = "train") -> bytes | None:
        """Return the compressed series of steps of an epoch as it was last trained, or None where there is none."""
        with self.connection() as raw:
            self._check(raw, number)
            row = raw.execute(queries.SERIES, (number, phase, epoch)).fetchone()
        return None if row is None else row[0]

    def findings(self, number: int) -> tuple[Finding, ...]:
        """Return the findings that count: those since the run was last judged, or all."""
        from logbook_schemas.records.findings import Finding

        with self.connection() as raw:
            self._check(raw, number)
            rows = raw.execute(statements.FINDING_ROWS, (number,))
            return tuple(record_of(Finding, text) for (text,) in rows)

    def all_findings(self, number: int) -> tuple[Finding, ...]:
        """Return every finding that was ever recorded of a run, in the order of recording."""
        from logbook_schemas.records.findings import Finding

        with self.connection() as raw:
            self._check(raw, number)
            return tuple(record_of(Finding, text) for (text,) in raw.execute(queries.ALL_FINDINGS, (number,)))

    def judgements(self, number: int) -> tuple[JudgementRecord, ...]:
        """Return when a run was judged again, and by which rules; empty where it never was."""
        from logbook_schemas.records.judgements import JudgementRecord

        with self.connection() as raw:
            self._check(raw, number)
            rows = raw.execute(queries.JUDGEMENTS, (number,))
            return tuple(record_of(JudgementRecord, text).model_copy(update={"at": at}) for text, at in rows)

    def last_row(self, number: int) -> int:
        """Return the place of a run's newest row in its chain; one more row is one more."""
        with self.connection() as raw:
            self._check(raw, number)
            return int(max(raw.execute(statements.HEAD, (number,)))[0])

    def journal(self, number: int) -> tuple[JournalEntry, ...]:
        from logbook_schemas.records.runs import JournalEntry

        with self.connection() as raw:
            self._check(raw, number)
            rows = raw.execute(statements.JOURNAL_ROWS, (number,))
            fields = ("kind", "text", "reason", "at", "author")
            return tuple(JournalEntry.model_construct(**dict(zip(fields, row, strict=True))) for row in rows)

    def start_of_run(self, number: int) -> StartOfRun:
        from logbook_schemas.records.beginning import StartOfRun

        with self.connection() as raw:
            self._check(raw, number)
            return record_of(StartOfRun, *_first(raw, statements.RUN_PAYLOAD, number))

    def data_record(self, number: int) -> DataRecord | None:
        from logbook_schemas.records.data import DataRecord

        with self.connection() as raw:
            self._check(raw, number)
            return _newest(raw, number, "data", DataRecord)

    def attempts(self, number: int) -> tuple[AttemptRecord, ...]:
        """Return the attempts of a run, each with its end; one without an end is running or has crashed."""
        with self.connection() as raw:
            self._check(raw, number)
            rows = raw.execute(queries.ATTEMPTS, (number,)).fetchall()
            current = self._as_it_is(summary_of(raw, number)).status
        return tuple(
            attempt_of(*row, without_end=current if place == len(rows) - 1 else "crashed")
            for place, row in enumerate(rows)
        )

    def last_attempt(self, number: int) -> AttemptRecord:
        return self.attempts(number)[-1]

    def is_alive(self, uuid: str) -> bool:
        """Return whether a process is training the run now."""
        return live.is_alive(self.folder, uuid)

    # Configs, versions, blobs, rules.

    def config(self, config_hash: str) -> dict[str, Any]:
        """Return a config as it was frozen; its hash may be shortened to six digits or more."""
        config: dict[str, Any] = json.loads(self.frozen(config_hash))
        return config

    def frozen(self, config_hash: str) -> bytes:
        """Return the frozen bytes of a config, which hash to its name; DamagedError where they no longer do."""
        with self.connection() as raw:
            return frozen_of(*_first(raw, queries.CONFIG_BODY, references.whole_config_hash(raw, config_hash)))

    def versions(self, name: str) -> list[VersionRecord]:
        """Return the versions of a name, oldest first; empty where the name is unknown."""
        from logbook_schemas.records.runs import VersionRecord

        fields = ("name", "number", "recipe_hash", "config_hash", "parent", "created_at", "parent_name")
        with self.connection() as raw:
            rows = raw.execute(queries.VERSIONS, (name,)).fetchall()
        return [VersionRecord.model_construct(**dict(zip(fields, row, strict=True))) for row in rows]

    def version_of_file(self, name: str, *, folder: str, file: str) -> int | None:
        """Return the version of a name that a config file last ran as, or None where it never did."""
        with self.connection() as raw:
            row = raw.execute(queries.VERSION_OF_FILE, (name, folder, file)).fetchone()
        return None if row is None else int(row[0])

    def version_config(self, name: str, number: int) -> bytes:
        """Return the frozen config of a version's first run; NotFoundError where there is no such version."""
        with self.connection() as raw:
            row = raw.execute(queries.VERSION_BODY, (name, number)).fetchone()
        if row is None:
            raise NotFoundError(f"no version {name}@{number}; `logbook log {name}` lists the versions")
        return frozen_of(*row)

    def blob(self, blob_hash: str) -> bytes:
        """Return a content by its hash; NotFoundError where it isn't there or was redacted, StoreError for damage."""
        with self.connection() as raw:
            row = raw.execute(queries.BLOB, (blob_hash,)).fetchone()
        if row is None:
            raise NotFoundError(f"no content {blob_hash} in this logbook")
        redacted_at, *packed = row
        if redacted_at is not None:
            raise NotFoundError(f"the content {blob_hash[:12]} was redacted on {redacted_at[:10]}")
        try:
            return unpacked_content(*packed)
        except DamagedError as error:
            raise DamagedError(f"the content {blob_hash} is damaged ({error}): see `logbook fsck`") from error

    def rule_statistics(self, rule: str) -> dict[str, Any]:
        """Return of how many `runs` a rule fired in, was `ignored` in, and how those where it fired ended.

        `rule` is its code or its name. Of a run that was judged again the newest judgement counts.
        """
        with self.connection() as raw:
            fired = self.summaries(raw.execute(queries.RULE_FIRED, (rule,)))
            return {
                "runs": raw.execute(queries.COUNT_RUNS).fetchone()[0],
                "fired": len(fired),
                "ignored": raw.execute(queries.RULE_IGNORED, (rule,)).fetchone()[0],
                "statuses": _counted(run.status for run in fired),
                "outcomes": _counted(run.verdict for run in fired if run.outcome),
                "latest": [run.id for run in fired[:_LATEST]],
            }

    def crashed(self) -> list[int]:
        """Return the runs that are stored as running and whose process is gone."""
        with self.connection() as raw:
            return live.dead_among(self.folder, raw.execute(queries.RUNNING).fetchall())

    def _as_it_is(self, summary: RunSummary) -> RunSummary:
        """Return the summary with the status that the run has now: only one that says `running` needs a look."""
        if summary.status != "running" or self.is_alive(summary.uuid):
            return summary
        return summary.model_copy(update={"status": "crashed"})

    @staticmethod
    def _check(raw: sqlite3.Connection, number: int) -> None:
        if raw.execute(queries.RUN_STANDS, (number,)).fetchone() is None:
            summary_of(raw, number)


def _counted(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value comes, the most frequent first."""
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _first(raw: sqlite3.Connection, statement: str, *parameters: object) -> tuple[Any, ...]:
    row = raw.execute(statement, parameters).fetchone()
    if row is None:
        raise NotFoundError(f"not in this logbook: {', '.join(map(str, parameters))}")
    return tuple(row)


def _newest(raw: sqlite3.Connection, number: int, moment: str, model: type[_One]) -> _One | None:
    row = raw.execute(queries.NEWEST_RECORD, (number, moment)).fetchone()
    return None if row is None else record_of(model, row[0])
