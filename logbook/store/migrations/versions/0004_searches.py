"""What is asked often has an index, and queries that a person keeps have a table.

Best and last values stand in the order of their size, so that the first fifty of a hundred thousand runs are found as
quickly as those of a thousand. The indexes over `best_value` and `seconds` leave out runs that go on: their summary
is written with their epochs, and no index should be.

`run_metric` becomes the union of `metric_extent` and `live_metric`: SQLite looks a run up in each of the two, but goes
through all of a union that is asked for each run in turn.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = (
    "CASE {0}.value WHEN 'NaN' THEN NULL WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999"
    " ELSE {0}.value END AS {0}"
)
_KIND = (
    "CASE {0}.value WHEN 'NaN' THEN 'nan' WHEN 'Infinity' THEN 'inf' WHEN '-Infinity' THEN '-inf'"
    " ELSE 'number' END AS {0}_kind"
)
_LIVE_METRIC = f"""
    CREATE VIEW live_metric AS
    SELECT summary.run_id, one.key AS name, mode.value AS mode,
        {_NUMBER.format("first")}, {_KIND.format("first")},
        {_NUMBER.format("last")}, {_KIND.format("last")},
        {_NUMBER.format("best")}, {_KIND.format("best")}, best_epoch.value AS best_epoch
    FROM summary
    JOIN json_each(summary.live_metrics) AS one
    JOIN json_each(one.value, '$[0]') AS mode
    JOIN json_each(one.value, '$[1]') AS first
    JOIN json_each(one.value, '$[2]') AS last
    JOIN json_each(one.value, '$[3]') AS best
    JOIN json_each(one.value, '$[4]') AS best_epoch
    WHERE summary.status = 'running'
    """
_STATEMENTS = (
    "DROP VIEW run_metric",
    _LIVE_METRIC,
    "CREATE VIEW run_metric AS SELECT run_id, name, mode, first, first_kind, last, last_kind, best, best_kind,"
    " best_epoch FROM metric_extent UNION ALL SELECT * FROM live_metric",
    "DROP INDEX metric_extent_name",
    "CREATE INDEX metric_extent_best ON metric_extent (name, best)",
    "CREATE INDEX metric_extent_last ON metric_extent (name, last)",
    "CREATE INDEX summary_best ON summary (best_value) WHERE status <> 'running'",
    "CREATE INDEX summary_seconds ON summary (seconds) WHERE status <> 'running'",
    "CREATE INDEX summary_status ON summary (status)",
    "CREATE INDEX summary_outcome ON summary (outcome) WHERE outcome IS NOT NULL",
    "CREATE INDEX summary_tags ON summary (tags) WHERE tags <> ''",
    """
    CREATE TABLE saved_search (
        id INTEGER NOT NULL PRIMARY KEY,
        at TEXT NOT NULL,
        name TEXT NOT NULL,
        query TEXT NOT NULL,
        sort TEXT NOT NULL,
        columns TEXT NOT NULL,
        author TEXT NOT NULL,
        row_format INTEGER NOT NULL
    )
    """,
    "CREATE INDEX saved_search_name ON saved_search (name)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
