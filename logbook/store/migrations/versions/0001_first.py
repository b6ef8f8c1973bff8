"""The first tables: configs and versions, the chained rows of runs, blobs, the ledger, and what is derived."""

from __future__ import annotations

from alembic import op
from sqlalchemy.exc import OperationalError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE config (
        id INTEGER NOT NULL PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
        kind TEXT NOT NULL CHECK (kind IN ('run', 'own')),
        format INTEGER NOT NULL,
        body TEXT NOT NULL CHECK (typeof(body) = 'text'),
        created_at TEXT NOT NULL,
        row_format INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE config_path (
        id INTEGER NOT NULL PRIMARY KEY,
        path TEXT NOT NULL UNIQUE
    )
    """,
    """
    CREATE TABLE config_leaf (
        config_id INTEGER NOT NULL REFERENCES config (id),
        path_id INTEGER NOT NULL REFERENCES config_path (id),
        kind TEXT NOT NULL CHECK (kind IN ('number', 'text', 'true', 'false', 'null', 'json')),
        num REAL,
        txt TEXT,
        PRIMARY KEY (config_id, path_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX config_leaf_num ON config_leaf (path_id, num)
    """,
    """
    CREATE INDEX config_leaf_txt ON config_leaf (path_id, txt)
    """,
    """
    CREATE TABLE version (
        id INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        recipe_hash TEXT NOT NULL CHECK (length(recipe_hash) = 64),
        config_id INTEGER NOT NULL REFERENCES config (id),
        parent_id INTEGER REFERENCES version (id),
        created_at TEXT NOT NULL,
        row_format INTEGER NOT NULL,
        UNIQUE (name, number),
        UNIQUE (name, recipe_hash)
    )
    """,
    """
    CREATE INDEX version_recipe ON version (recipe_hash)
    """,
    """
    CREATE TABLE run (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
        words TEXT NOT NULL UNIQUE,
        config_id INTEGER NOT NULL REFERENCES config (id),
        version_id INTEGER NOT NULL REFERENCES version (id),
        seed INTEGER,
        at TEXT NOT NULL,
        seq INTEGER NOT NULL CHECK (seq = 0),
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    )
    """,
    """
    CREATE INDEX run_config ON run (config_id)
    """,
    """
    CREATE INDEX run_version ON run (version_id)
    """,
    """
    CREATE TABLE attempt (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq),
        UNIQUE (run_id, number)
    )
    """,
    """
    CREATE TABLE attempt_end (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq),
        UNIQUE (run_id, number)
    )
    """,
    """
    CREATE TABLE record (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        moment TEXT NOT NULL CHECK (moment IN ('data', 'start', 'end')),
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq)
    )
    """,
    """
    CREATE TABLE epoch (
        id INTEGER NOT NULL PRIMARY KEY CHECK (id = (run_id << 32 | seq)),
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        phase TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        series BLOB,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, phase, epoch, attempt)
    )
    """,
    """
    CREATE TABLE finding (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        moment TEXT NOT NULL CHECK (moment IN ('config', 'data', 'start', 'epoch', 'end')),
        epoch INTEGER,
        code TEXT NOT NULL,
        name TEXT NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
        row_format INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (typeof(payload) = 'text'),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq)
    )
    """,
    """
    CREATE INDEX finding_name ON finding (name)
    """,
    """
    CREATE INDEX finding_code ON finding (code)
    """,
    """
    CREATE TABLE journal (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'untag', 'outcome')),
        text TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        row_format INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq)
    )
    """,
    """
    CREATE TABLE blob (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        codec TEXT NOT NULL CHECK (codec IN ('zlib', 'raw')),
        size INTEGER NOT NULL,
        body BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE ledger (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        at TEXT NOT NULL,
        rows INTEGER NOT NULL,
        head BLOB NOT NULL CHECK (length(head) = 32),
        reason TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX ledger_run ON ledger (run_id)
    """,
    """
    CREATE TABLE summary (
        run_id INTEGER NOT NULL PRIMARY KEY,
        uuid TEXT NOT NULL,
        words TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        config_hash TEXT NOT NULL,
        recipe_hash TEXT NOT NULL,
        kind TEXT NOT NULL,
        seed INTEGER,
        started_at TEXT NOT NULL,
        hypothesis TEXT NOT NULL,
        monitor_metric TEXT NOT NULL,
        monitor_mode TEXT NOT NULL,
        status TEXT NOT NULL,
        error_text TEXT NOT NULL,
        epochs INTEGER NOT NULL,
        seconds REAL NOT NULL,
        best_epoch INTEGER,
        best_value REAL,
        best_val_loss REAL,
        last_train_loss REAL,
        last_val_loss REAL,
        nan_fields TEXT NOT NULL,
        live_metrics TEXT,
        tags TEXT NOT NULL,
        outcome TEXT,
        outcome_reason TEXT NOT NULL,
        first_finding TEXT NOT NULL,
        findings INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        head BLOB NOT NULL
    )
    """,
    """
    CREATE INDEX summary_name ON summary (name, version)
    """,
    """
    CREATE INDEX summary_config ON summary (config_hash)
    """,
    """
    CREATE INDEX summary_recipe ON summary (recipe_hash)
    """,
    """
    CREATE INDEX summary_started ON summary (started_at)
    """,
    """
    CREATE INDEX summary_running ON summary (run_id) WHERE status = 'running'
    """,
    """
    CREATE TABLE metric_extent (
        run_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        mode TEXT NOT NULL CHECK (mode IN ('min', 'max')),
        first REAL,
        first_kind TEXT NOT NULL,
        last REAL,
        last_kind TEXT NOT NULL,
        best REAL,
        best_kind TEXT NOT NULL,
        best_epoch INTEGER,
        PRIMARY KEY (run_id, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX metric_extent_name ON metric_extent (name)
    """,
)

_NUMBER = (
    "CASE {0}.value WHEN 'NaN' THEN NULL WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999"
    " ELSE {0}.value END AS {0}"
)
_KIND = (
    "CASE {0}.value WHEN 'NaN' THEN 'nan' WHEN 'Infinity' THEN 'inf' WHEN '-Infinity' THEN '-inf'"
    " ELSE 'number' END AS {0}_kind"
)
_RUN_METRIC = f"""
    CREATE VIEW run_metric AS
    SELECT run_id, name, mode, first, first_kind, last, last_kind, best, best_kind, best_epoch FROM metric_extent
    UNION ALL
    SELECT summary.run_id, one.key, mode.value,
        {_NUMBER.format("first")}, {_KIND.format("first")},
        {_NUMBER.format("last")}, {_KIND.format("last")},
        {_NUMBER.format("best")}, {_KIND.format("best")}, best_epoch.value
    FROM summary
    JOIN json_each(summary.live_metrics) AS one
    JOIN json_each(one.value, '$[0]') AS mode
    JOIN json_each(one.value, '$[1]') AS first
    JOIN json_each(one.value, '$[2]') AS last
    JOIN json_each(one.value, '$[3]') AS best
    JOIN json_each(one.value, '$[4]') AS best_epoch
    WHERE summary.status = 'running'
    """
"""Rows of `metric_extent` rewritten with every epoch made appending twice as dear as the commit itself. A run that
goes on keeps the same in its summary, which is one row. The index behind the view hangs on the status,
which doesn't change with an epoch: one on `live_metrics` would be written each time. `json_each` stands in for
`json_extract`, which some releases of SQLite don't allow in a view when `trusted_schema` is off."""

_TEXT_COLUMNS = "name, hypothesis, journal, findings, errors, strings"

# No CHECK asks `json_valid`: some releases of SQLite don't allow it in a table when `trusted_schema` is off.


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    op.execute(_RUN_METRIC)
    try:
        op.execute(f"CREATE VIRTUAL TABLE search_text USING fts5({_TEXT_COLUMNS})")
    except OperationalError:
        # Not every SQLite is built with FTS5; search falls back to LIKE over a plain table.
        op.execute(f"CREATE TABLE search_text ({_TEXT_COLUMNS})")
