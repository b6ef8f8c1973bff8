"""A run may be judged again with the rules of a later day: one row says which rules judged, its findings follow it.

The findings that count of a run are those behind its newest judgement, or all where it has none: `standing_finding`.
The findings themselves keep their columns, so that the hashes of the past still hold.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JUDGEMENT = """
    CREATE TABLE judgement (
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
    """
_STANDING = """
    CREATE VIEW standing_finding AS
    SELECT * FROM finding WHERE NOT EXISTS
        (SELECT 1 FROM judgement WHERE judgement.run_id = finding.run_id AND judgement.seq > finding.seq)
    """


def upgrade() -> None:
    op.execute(_JUDGEMENT)
    op.execute(_STANDING)
