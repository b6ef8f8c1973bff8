"""The statements that write, as text: a test prepares each one against the migrated tables."""

from __future__ import annotations

from logbook.store.packing import PRESET_OF, unpacked_column
from logbook.store.schema import SEALED

__all__ = ["COLUMNS", "CURVE_COLUMNS", "INSERT"]

_LINK = ("run_id", "seq", "at")

COLUMNS: dict[str, tuple[str, ...]] = {
    "config": ("hash", "kind", "format", "body", "created_at", "row_format"),
    "config_path": ("path",),
    "config_leaf": ("config_id", "path_id", "kind", "num", "txt"),
    "version": ("name", "number", "recipe_hash", "config_id", "parent_id", "created_at", "row_format"),
    "run": (
        *("id", "uuid", "words", "config_id", "version_id", "seed", "at", "seq"),
        *("row_format", "payload", "hash"),
    ),
    "attempt": (*_LINK, "number", "row_format", "payload", "hash"),
    "attempt_end": (*_LINK, "number", "row_format", "payload", "hash"),
    "record": (*_LINK, "moment", "row_format", "payload", "hash"),
    "epoch": (*_LINK, "attempt", "phase", "epoch", "row_format", "payload", "series", "hash"),
    "finding": (
        *(*_LINK, "attempt", "moment", "epoch", "code", "name", "severity"),
        *("row_format", "payload", "hash"),
    ),
    "judgement": (*_LINK, "number", "row_format", "payload", "hash"),
    "journal": (*_LINK, "kind", "text", "reason", "author", "row_format", "hash"),
    "blob": ("hash", "codec", "size", "body"),
    "ledger": ("run_id", "at", "rows", "head", "reason"),
    "saved_search": ("at", "name", "query", "sort", "columns", "author", "row_format"),
    "redaction": ("at", "blob_hash", "size", "reason", "author", "row_format"),
    "summary": (
        *("run_id", "uuid", "words", "name", "version", "config_hash", "recipe_hash", "kind", "seed"),
        *("started_at", "hypothesis", "monitor_metric", "monitor_mode", "status", "error_text"),
        *("epochs", "seconds", "nan_fields", "tags", "outcome_reason", "first_finding", "findings"),
        *("rows", "head"),
    ),
    "metric_extent": (
        *("run_id", "name", "mode", "first", "first_kind", "last", "last_kind"),
        *("best", "best_kind", "best_epoch"),
    ),
    "recipe_setting": ("name",),
    "recipe_place": ("version_id", "places"),
    "search_text": ("rowid", "name", "hypothesis", "journal", "findings", "errors", "strings"),
}
"""What a row says, table by table. For a chained table the last is the hash, which covers all the others."""

_WRITTEN = {
    table: (
        *(("id",) if table in SEALED else ()),
        *columns,
        *(("packed",) if table in PRESET_OF else ()),
        *(("seal",) if table in SEALED else ()),
    )
    for table, columns in COLUMNS.items()
}
"""What an insert names: behind what a row says the packed text, where texts are packed; where it has a seal, its number
before and the seal behind (see `packing`, `sealing`)."""

INSERT = {
    table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for table, columns in _WRITTEN.items()
}
INSERT["epoch"] = (
    f"INSERT INTO epoch (id, {', '.join(_WRITTEN['epoch'])})"
    f" VALUES (?1 << 32 | ?2, {', '.join(f'?{place + 1}' for place in range(len(_WRITTEN['epoch'])))})"
)

CURVE_COLUMNS = (
    *("epochs", "seconds", "best_epoch", "best_value", "best_val_loss"),
    *("last_train_loss", "last_val_loss", "nan_fields", "live_metrics"),
)

HEAD = " UNION ALL ".join(
    f"SELECT * FROM (SELECT seq, hash FROM {table} WHERE {of_run} ORDER BY {order} DESC LIMIT 1)"
    for table, of_run, order in (
        ("run", "id = ?1", "seq"),
        ("epoch", "id BETWEEN ?1 << 32 AND ?1 << 32 | 0xFFFFFFFF", "id"),
        *(
            (table, "run_id = ?1", "seq")
            for table in ("attempt", "attempt_end", "record", "finding", "judgement", "journal")
        ),
    )
)
COVERED = "SELECT rows, head FROM summary WHERE run_id = ?"
SET_HEAD = "UPDATE summary SET rows = ?, head = ? WHERE run_id = ?"
SET_CURVES = f"UPDATE summary SET {', '.join(f'{name} = ?' for name in CURVE_COLUMNS)} WHERE run_id = ?"
SET_CURVES_AND_HEAD = (
    f"UPDATE summary SET {', '.join(f'{name} = ?' for name in CURVE_COLUMNS)}, rows = ?, head = ? WHERE run_id = ?"
)
SET_STATUS = "UPDATE summary SET status = ?, error_text = ? WHERE run_id = ?"
SET_JOURNAL = "UPDATE summary SET tags = ?, outcome = ?, outcome_reason = ?, outcome_by = ? WHERE run_id = ?"
SET_FINDINGS = "UPDATE summary SET first_finding = ?, findings = ? WHERE run_id = ?"
FORGET_METRICS = "DELETE FROM metric_extent WHERE run_id = ?"
FORGET_SUMMARY = "DELETE FROM summary WHERE run_id = ?"
FORGET_TEXT = "DELETE FROM search_text WHERE rowid = ?"

BEHIND = (
    "SELECT run_id, uuid FROM summary WHERE status = 'running' AND EXISTS"
    " (SELECT 1 FROM epoch"
    " WHERE id BETWEEN (summary.run_id << 32 | summary.rows) AND (summary.run_id << 32 | 0xFFFFFFFF))"
)
"""Runs that have epochs behind what their summary covers."""
IS_BEHIND = f"{BEHIND} AND run_id = ?"

DATA_VERSION = "PRAGMA data_version"
STATUS = "SELECT status FROM summary WHERE run_id = ?"
NEXT_ID = {
    table: f"SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0),"
    f" coalesce((SELECT max(id) FROM {table}), 0)) + 1"
    for table in ("run", *SEALED)
}
"""The number of the next row: one more than was ever given, also where the newest row is gone."""
WORDS_TAKEN = "SELECT 1 FROM run WHERE words = ?"
CONFIG_ID = "SELECT id FROM config WHERE hash = ?"
PATH_ID = "SELECT id FROM config_path WHERE path = ?"
VERSION_OF_RECIPE = "SELECT id FROM version WHERE name = ? AND recipe_hash = ?"
VERSION_ID = "SELECT id FROM version WHERE name = ? AND number = ?"
NEWEST_VERSION = "SELECT id, number FROM version WHERE name = ? ORDER BY number DESC LIMIT 1"
BLOB_STANDS = "SELECT 1 FROM blob WHERE hash = ?"
UNREDACTED = (
    "SELECT size FROM blob WHERE hash = ?1 AND size > 0 AND NOT EXISTS (SELECT 1 FROM redaction WHERE blob_hash = ?1)"
)
SET_TOMBSTONE = "UPDATE blob SET codec = 'raw', body = x'' WHERE hash = ?"
SETTING_ID = "SELECT id FROM recipe_setting WHERE name = ?"
ALL_SETTINGS = "SELECT name, id FROM recipe_setting"
ALL_PLACES = "SELECT version_id, places FROM recipe_place ORDER BY version_id"
VERSION_BODIES = (
    f"SELECT version.id, {unpacked_column('config')}"
    " FROM version JOIN config ON config.id = version.config_id ORDER BY 1"
)
NEXT_JUDGEMENT = "SELECT coalesce(max(number), 0) + 1 FROM judgement WHERE run_id = ?"
NEXT_ATTEMPT = "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE run_id = ?"

RUN_IDENTITY = (
    "SELECT run.id, run.uuid, run.words, version.name, version.number, config.hash, version.recipe_hash, config.kind,"
    f" run.seed, run.at, {unpacked_column('config')}, {unpacked_column('run')}"
    " FROM run JOIN config ON config.id = run.config_id JOIN version ON version.id = run.version_id WHERE run.id = ?"
)
RUN_PAYLOAD = f"SELECT {unpacked_column('run')} FROM run WHERE id = ?"
RUN_BODY = f"SELECT {unpacked_column('config')} FROM run JOIN config ON config.id = run.config_id WHERE run.id = ?"
SEARCH_TEXT = "SELECT sql FROM sqlite_master WHERE name = 'search_text'"
RUN_IDS = "SELECT id FROM run ORDER BY id"
CURVE_ROWS = (
    "SELECT seq, NULL AS phase, NULL AS epoch, payload FROM attempt WHERE run_id = ?1"
    f" UNION ALL SELECT seq, phase, epoch, {unpacked_column('epoch')} FROM epoch WHERE run_id = ?1 ORDER BY seq"
)
ATTEMPT_STATUS = (
    "SELECT attempt_end.payload FROM attempt LEFT JOIN attempt_end"
    " ON attempt_end.run_id = attempt.run_id AND attempt_end.number = attempt.number"
    " WHERE attempt.run_id = ? ORDER BY attempt.number"
)
JOURNAL_ROWS = "SELECT kind, text, reason, at, author FROM journal WHERE run_id = ? ORDER BY seq"
VERDICT_ROWS = (
    "SELECT kind, text, reason FROM journal WHERE run_id = ?1 AND (kind = 'outcome' OR kind = 'suggestion'"
    " AND seq > (SELECT coalesce(max(seq), 0) FROM attempt WHERE run_id = ?1)) ORDER BY seq"
)
"""What was said of a run's outcome, less the suggestions of an end that the run has gone beyond."""
FINDING_ROWS = f"SELECT {unpacked_column('finding', 'f')} FROM standing_finding f WHERE run_id = ? ORDER BY seq"
TEXT_LEAVES = (
    "SELECT txt FROM config_leaf JOIN config_path ON config_path.id = config_leaf.path_id"
    " WHERE config_leaf.config_id = (SELECT config_id FROM run WHERE id = ?) AND kind IN ('text', 'json') ORDER BY path"
)
