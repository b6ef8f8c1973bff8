"""A store as search sees it: the tables it reads, in memory, written by plain SQL.

The tables follow the plan of the store; that the real store has them so is shown by the store's own
conformance tests, which run searches against it.
"""

from __future__ import annotations

import json
import math
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from logbook.store.packing import register
from logbook.store.schema import MEASURES
from logbook_schemas.config.identity import flatten

TABLES = """
    CREATE TABLE config_path (id INTEGER PRIMARY KEY, path TEXT UNIQUE);
    CREATE TABLE config_leaf (config_id, path_id, kind TEXT, num REAL, txt TEXT, PRIMARY KEY (config_id, path_id))
        WITHOUT ROWID;
    CREATE INDEX leaf_num ON config_leaf (path_id, num) WHERE num IS NOT NULL;
    CREATE INDEX leaf_txt ON config_leaf (path_id, txt) WHERE txt IS NOT NULL;
    CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT UNIQUE, config_id INTEGER);
    CREATE TABLE attempt_end (id INTEGER PRIMARY KEY, run_id INTEGER, at TEXT);
    CREATE TABLE finding (id INTEGER PRIMARY KEY, run_id INTEGER, code TEXT, name TEXT, payload TEXT,
        packed BLOB);
    CREATE INDEX finding_run ON finding (run_id);
    CREATE INDEX finding_name ON finding (name);
    CREATE INDEX finding_code ON finding (code);
    CREATE VIEW standing_finding AS SELECT * FROM finding;
    CREATE TABLE journal (id INTEGER PRIMARY KEY, run_id INTEGER, kind TEXT, text TEXT, reason TEXT);
    CREATE TABLE summary (run_id INTEGER PRIMARY KEY, uuid TEXT, words TEXT, name TEXT, version INTEGER,
        config_hash TEXT, recipe_hash TEXT, kind TEXT, seed INTEGER, status TEXT, started_at TEXT, seconds REAL,
        epochs INTEGER, monitor_metric TEXT, monitor_mode TEXT, best_epoch INTEGER, best_value REAL, hypothesis TEXT,
        tags TEXT, outcome TEXT, outcome_reason TEXT, outcome_by TEXT, first_finding TEXT,
        findings INTEGER, error_text TEXT);
    CREATE TABLE metric_extent (run_id INTEGER, name TEXT, mode TEXT, first REAL, first_kind TEXT, last REAL,
        last_kind TEXT, best REAL, best_kind TEXT, best_epoch INTEGER, PRIMARY KEY (run_id, name)) WITHOUT ROWID;
    CREATE INDEX metric_best ON metric_extent (name, best);
    CREATE INDEX metric_last ON metric_extent (name, last);
    CREATE VIEW live_metric AS SELECT * FROM metric_extent WHERE FALSE;
    CREATE VIEW run_metric AS SELECT * FROM metric_extent UNION ALL SELECT * FROM live_metric;
    CREATE TABLE attempt (run_id INTEGER, seq INTEGER, payload TEXT);
    CREATE TABLE epoch (run_id INTEGER, seq INTEGER, attempt INTEGER, phase TEXT, epoch INTEGER, payload TEXT,
        packed BLOB);
"""
TEXT_COLUMNS = "name, hypothesis, journal, findings, errors, strings"


@dataclass
class Run:
    """A run as a test describes it. A metric is `(first, last, best)`, or one value for all three."""

    config: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, tuple[float | None, ...]] = field(default_factory=dict)  # epoch by epoch
    tags: tuple[str, ...] = ()
    findings: tuple[tuple[str, str, str], ...] = ()  # code, name, message
    notes: tuple[str, ...] = ()
    name: str = "net"
    version: int = 1
    status: str = "finished"
    started_at: str = "2026-11-10T12:00:00.000000+00:00"
    ended_at: str | None = None
    seconds: float = 60.0
    epochs: int = 20
    seed: int | None = 0
    kind: str = "run"
    monitor: str = "val_loss"
    hypothesis: str = ""
    outcome: str | None = None
    reason: str = ""
    error: str = ""
    words: str = "amber-heron"
    config_hash: str = "3fa9c2d4" * 8

    @property
    def leaves(self) -> dict[str, Any]:
        return dict(flatten(self.config)) if self.config else {}

    def measured(self, name: str) -> tuple[float, float, float]:
        values = self.metrics[name]
        return values if isinstance(values, tuple) else (values, values, values)


class Book:
    """A store in memory and the runs in it, by number."""

    def __init__(self, text: str = "fts5") -> None:
        self.connection = sqlite3.connect(":memory:")
        register(self.connection)
        self.connection.executescript(TABLES)
        self.text = text
        self.runs: dict[int, Run] = {}
        if text == "fts5":
            self.connection.execute(f"CREATE VIRTUAL TABLE search_text USING fts5({TEXT_COLUMNS})")
        if text == "plain":
            self.connection.execute(f"CREATE TABLE search_text ({TEXT_COLUMNS})")

    def add(self, **described: Any) -> int:
        run, number = Run(**described), len(self.runs) + 1
        self.runs[number] = run
        self._insert("run", id=number, uuid=f"uuid-{number}", config_id=number)
        for path, leaf in run.leaves.items():
            self._insert("config_leaf", config_id=number, path_id=self._path(path), **typed(leaf))
        for name in run.metrics:
            self._insert("metric_extent", run_id=number, name=name, mode="min", **self._values(run, name))
        for place, values in enumerate(zip(*run.curves.values(), strict=True)):
            self.train(number, place + 1, **dict(zip(run.curves, values, strict=True)))
        for code, name, message in run.findings:
            self._insert("finding", run_id=number, code=code, name=name, payload=json.dumps({"message": message}))
        for text in run.notes:
            self._insert("journal", run_id=number, kind="note", text=text, reason="")
        if run.ended_at:
            self._insert("attempt_end", run_id=number, at=run.ended_at)
        self._summarize(number, run)
        self._index(number, run)
        return number

    def train(self, number: int, epoch: int, *, attempt: int = 1, seq: int | None = None, **values: Any) -> None:
        """Record an epoch; what isn't measured of every run is a metric."""
        kept = {name: {math.inf: "Infinity", -math.inf: "-Infinity"}.get(one, one) for name, one in values.items()}
        kept = {name: "NaN" if one != one else one for name, one in kept.items() if one is not None}
        payload = {name: one for name, one in kept.items() if name in MEASURES}
        payload["metrics"] = {name: one for name, one in kept.items() if name not in MEASURES}
        row = {"seq": seq or epoch, "attempt": attempt, "phase": "train", "epoch": epoch}
        self._insert("epoch", run_id=number, payload=json.dumps(payload), **row)
        for name, one in values.items():
            mode = "min" if name in MEASURES else "max"
            best = "min(coalesce(best, ?1), ?1)" if mode == "min" else "max(coalesce(best, ?1), ?1)"
            with suppress(sqlite3.IntegrityError):
                self._insert("metric_extent", run_id=number, name=name, mode=mode, best=None, best_kind="number")
            if one is not None and one == one:
                update = f"UPDATE metric_extent SET best = {best} WHERE run_id = ?2 AND name = ?3"
                self.connection.execute(update, (one, number, name))

    def go_back(self, number: int, *, to: int, seq: int) -> None:
        """Record that a run goes on from an epoch of the past."""
        self._insert("attempt", run_id=number, seq=seq, payload=json.dumps({"resumed_from": to}))

    def _summarize(self, number: int, run: Run) -> None:
        best = run.measured(run.monitor)[2] if run.monitor in run.metrics else None
        self._insert(
            "summary",
            run_id=number,
            uuid=f"uuid-{number}",
            words=run.words,
            name=run.name,
            version=run.version,
            config_hash=run.config_hash,
            recipe_hash="0" * 64,
            kind=run.kind,
            seed=run.seed,
            status=run.status,
            started_at=run.started_at,
            seconds=run.seconds,
            epochs=run.epochs,
            monitor_metric=run.monitor,
            monitor_mode="min",
            best_epoch=None if best is None else 1,
            best_value=best,
            hypothesis=run.hypothesis,
            tags=f" {' '.join(run.tags)} " if run.tags else "",
            outcome=run.outcome,
            outcome_reason=run.reason,
            first_finding="",
            findings=len(run.findings),
            error_text=run.error,
        )

    def _index(self, number: int, run: Run) -> None:
        if self.text == "none":
            return
        findings = " ".join(f"{name} {message}" for _, name, message in run.findings)
        strings = " ".join(leaf for leaf in run.leaves.values() if isinstance(leaf, str))
        texts = (run.name, run.hypothesis, " ".join(run.notes), findings, run.error, strings)
        self.connection.execute(
            f"INSERT INTO search_text (rowid, {TEXT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *texts)
        )

    def _path(self, path: str) -> int:
        self.connection.execute("INSERT OR IGNORE INTO config_path (path) VALUES (?)", (path,))
        return int(self.connection.execute("SELECT id FROM config_path WHERE path = ?", (path,)).fetchone()[0])

    @staticmethod
    def _values(run: Run, name: str) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for moment, value in zip(("first", "last", "best"), run.measured(name), strict=True):
            columns[moment] = None if math.isnan(value) else value
            columns[f"{moment}_kind"] = "number" if math.isfinite(value) else str(value)
        return columns

    def _insert(self, table: str, **values: Any) -> None:
        marks = ", ".join("?" * len(values))
        self.connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def typed(leaf: Any) -> dict[str, Any]:
    """Return a leaf as config_leaf keeps it."""
    match leaf:
        case None | True | False:
            return {"kind": json.dumps(leaf), "num": None, "txt": None}
        case int() | float():
            return {"kind": "number", "num": leaf, "txt": None}
        case str():
            return {"kind": "text", "num": None, "txt": leaf}
        case _:
            return {"kind": "json", "num": None, "txt": json.dumps(leaf, separators=(",", ":"))}


@pytest.fixture
def new_book() -> Iterator[Callable[..., Book]]:
    made: list[Book] = []

    def make(text: str = "fts5") -> Book:
        made.append(Book(text))
        return made[-1]

    yield make
    for book in made:
        book.connection.close()


@pytest.fixture
def book(new_book: Callable[..., Book]) -> Book:
    return new_book()


@pytest.fixture(scope="session")
def crowd() -> Iterator[Book]:
    """Forty runs that have and lack things in all combinations, the same each time."""
    dice = random.Random(7)
    made = Book()
    for _ in range(40):
        made.add(**_described(dice))
    yield made
    made.connection.close()


def _described(dice: random.Random) -> dict[str, Any]:
    number = lambda: dice.choice([0.1, 0.5, 1.0, 2.0, math.nan, math.inf, -math.inf])  # noqa: E731
    config: dict[str, Any] = {"optimizer": {"kind": dice.choice(["adam", "sgd"])}, "model": {}}
    if dice.random() < 0.7:
        config["optimizer"]["lr"] = dice.choice([1e-3, 1e-2, 1, "1", "fast", None])
    config["model"]["hidden"] = dice.choice([[256], [256, 128], [], "wide"])
    config["model"]["bias"] = dice.choice([True, False, None, "true"])
    metrics = {name: (number(), number(), number()) for name in ("val_loss", "accuracy") if dice.random() < 0.7}
    findings = [("D101", "unscaled-inputs", "inputs reach 255%"), ("L201", "flat-loss", "the loss does not move")]
    return {
        "config": config,
        "metrics": metrics,
        "tags": tuple(dice.sample(["draft", "a_b", "aXb", "50%"], dice.randrange(3))),
        "findings": tuple(dice.sample(findings, dice.randrange(3))),
        "notes": tuple(dice.sample(["went up again", "bad seed", "100% sure"], dice.randrange(3))),
        "name": dice.choice(["net", "Net", "digits-mlp"]),
        "status": dice.choice(["running", "finished", "diverged"]),
        "started_at": f"2026-{dice.randrange(9, 12):02}-{dice.randrange(1, 29):02}T{dice.randrange(24):02}:30:00+00:00",
        "seconds": dice.choice([1.0, 60.0, 7200.0]),
        "seed": dice.choice([None, 0, 1]),
        "hypothesis": dice.choice(["", "smaller steps help", "Depth matters"]),
        "outcome": dice.choice([None, "dead-end", "promising"]),
    }
