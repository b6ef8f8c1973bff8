"""The views that `logbook sql` reads: what is recorded, under names that stay. docs/sql.md says what each column is.

They are made for the length of one read, over whatever the tables are called in this release. NaN is NULL, as it is
everywhere in SQL; where that matters, a `…_kind` beside it says `nan`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from logbook.store.packing import unpacked_column
from logbook.store.schema import MEASURES
from logbook.store.search.expressions import EPOCH_TEXT, as_number, measure, not_undone

__all__ = ["VIEWS", "View", "make_views"]


class View(NamedTuple):
    """The names of a view's columns, and the SELECT behind it."""

    columns: tuple[str, ...]
    select: str


_FINDING = unpacked_column("finding", "f")

# As `curves.counting_payloads` has it: an epoch as it was last trained, none beyond where a later attempt went back to.
_COUNTS = (
    "NOT EXISTS (SELECT 1 FROM main.epoch n WHERE n.run_id = e.run_id AND n.phase = e.phase AND n.epoch = e.epoch"
    f" AND n.attempt > e.attempt) AND (e.phase <> 'train' OR {not_undone('main.attempt')})"
)

VIEWS = {
    "runs": View(
        (
            *(
                "id",
                "run_id",
                "uuid",
                "words",
                "name",
                "version",
                "kind",
                "status",
                "started_at",
                "ended_at",
                "seconds",
            ),
            *("seed", "epochs", "monitor", "mode", "best", "best_epoch", "best_val_loss", "train_loss", "val_loss"),
            *("hypothesis", "tags", "outcome", "outcome_by", "reason", "error", "finding", "findings"),
            *("config_hash", "recipe_hash"),
        ),
        "SELECT 'r' || s.run_id, s.run_id, s.uuid, s.words, s.name, s.version, s.kind,"
        " CASE WHEN s.status = 'running' AND s.run_id IN ({crashed}) THEN 'crashed' ELSE s.status END, s.started_at,"
        " CASE WHEN s.status <> 'running' THEN"
        " (SELECT max(t.at) FROM main.attempt_end t WHERE t.run_id = s.run_id) END, s.seconds, s.seed, s.epochs,"
        " s.monitor_metric, s.monitor_mode, s.best_value, s.best_epoch, s.best_val_loss, s.last_train_loss,"
        " s.last_val_loss, nullif(s.hypothesis, ''), nullif(trim(s.tags), ''), s.outcome, s.outcome_by,"
        " nullif(s.outcome_reason, ''), nullif(s.error_text, ''), nullif(s.first_finding, ''), s.findings,"
        " s.config_hash, s.recipe_hash FROM summary s",
    ),
    "settings": View(
        ("run_id", "path", "kind", "value"),
        "SELECT r.id, p.path, l.kind, CASE l.kind WHEN 'number' THEN l.num WHEN 'true' THEN 1 WHEN 'false' THEN 0"
        " ELSE l.txt END FROM main.run r JOIN main.config_leaf l ON l.config_id = r.config_id"
        " JOIN main.config_path p ON p.id = l.path_id",
    ),
    "metrics": View(
        (
            *("run_id", "metric", "mode", "first", "first_kind", "last", "last_kind", "best", "best_kind"),
            "best_epoch",
        ),
        "SELECT m.run_id, m.name, m.mode, m.first, m.first_kind, m.last, m.last_kind, m.best, m.best_kind,"
        " m.best_epoch FROM run_metric m",
    ),
    "epochs": View(
        ("run_id", "phase", "epoch", "attempt", "at", "steps", *MEASURES),
        "SELECT e.run_id, e.phase, e.epoch, e.attempt, e.at,"
        f" coalesce(json_extract({EPOCH_TEXT}, '$.steps'), 0),"
        f" {', '.join(as_number(measure(name)) for name in MEASURES)} FROM main.epoch e WHERE {_COUNTS}",
    ),
    "epoch_metrics": View(
        ("run_id", "phase", "epoch", "metric", "value", "value_kind"),
        f"SELECT e.run_id, e.phase, e.epoch, j.key, {as_number('j.value')},"
        " CASE j.value WHEN 'NaN' THEN 'nan' WHEN 'Infinity' THEN 'inf'"
        " WHEN '-Infinity' THEN '-inf' ELSE 'number' END"
        f" FROM main.epoch e JOIN json_each({EPOCH_TEXT}, '$.metrics') j WHERE {_COUNTS}",
    ),
    "findings": View(
        ("run_id", "moment", "epoch", "code", "name", "severity", "place", "message", "remedy", "ignored"),
        f"SELECT f.run_id, f.moment, f.epoch, f.code, f.name, f.severity, json_extract({_FINDING}, '$.where'),"
        f" json_extract({_FINDING}, '$.message'), json_extract({_FINDING}, '$.remedy'),"
        f" json_extract({_FINDING}, '$.ignored') FROM main.standing_finding f",
    ),
    "journal": View(
        ("run_id", "at", "kind", "text", "reason", "author"),
        "SELECT j.run_id, j.at, j.kind, j.text, nullif(j.reason, ''), nullif(j.author, '') FROM main.journal j",
    ),
    "attempts": View(
        ("run_id", "attempt", "started_at", "ended_at", "status", "reason"),
        "SELECT a.run_id, a.number, a.at, t.at, json_extract(t.payload, '$.status'),"
        " json_extract(t.payload, '$.reason') FROM main.attempt a"
        " LEFT JOIN main.attempt_end t ON t.run_id = a.run_id AND t.number = a.number",
    ),
    "versions": View(
        ("name", "version", "recipe_hash", "config_hash", "parent_name", "parent_version", "created_at"),
        "SELECT v.name, v.number, v.recipe_hash, c.hash, p.name, p.number, v.created_at FROM main.version v"
        " JOIN main.config c ON c.id = v.config_id LEFT JOIN main.version p ON p.id = v.parent_id",
    ),
}


def make_views(raw: sqlite3.Connection, *, crashed: Sequence[int]) -> None:
    """Make the views, until the transaction of `raw` is rolled back; `crashed` are runs that say they are running."""
    # Only the temporary schema can be written all the same: the file is open with `mode=ro`.
    raw.execute("PRAGMA query_only=OFF")
    try:
        for name, view in VIEWS.items():
            select = view.select.replace("{crashed}", ", ".join(map(str, crashed)))
            raw.execute(f"CREATE TEMP VIEW {name} ({', '.join(view.columns)}) AS {select}")
    finally:
        raw.execute("PRAGMA query_only=ON")
