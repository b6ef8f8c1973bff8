"""Texts may be packed (see `packing`): in a column of their own, beside the one that is empty then.

Nothing that is recorded changes: the texts of older rows stay where they are, and hashes cover the text either way.

A leaf of a config is a number or a text, so that each of the two indexes need only have those that it is for.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE config ADD COLUMN packed BLOB CHECK (packed IS NULL OR body = '')",
    *(
        f"ALTER TABLE {table} ADD COLUMN packed BLOB CHECK (packed IS NULL OR payload = '')"
        for table in ("run", "record", "epoch", "finding")
    ),
    "DROP INDEX config_leaf_num",
    "DROP INDEX config_leaf_txt",
    "CREATE INDEX config_leaf_num ON config_leaf (path_id, num) WHERE num IS NOT NULL",
    "CREATE INDEX config_leaf_txt ON config_leaf (path_id, txt) WHERE txt IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
