"""What the tables are, by what may happen to them. A table that stands in no tuple here fails a test."""

from __future__ import annotations

__all__ = [
    "APPLICATION_ID",
    "BOOKKEEPING",
    "CHAINED",
    "DERIVED",
    "INSERT_ONLY",
    "MEASURES",
    "ROW_FORMAT",
    "SCHEMA_DIGEST",
    "SCHEMA_VERSION",
    "SEALED",
    "VIEWS",
]

APPLICATION_ID = 0x6C6F6762
"""`logb`: tells our files from those of other programs."""

SCHEMA_VERSION = 7
"""Stands in `user_version`; one more with every migration."""

SCHEMA_DIGEST = "d7708627e41877dba3f7ec0f6837babf6ddb70d42d2af65dedc535316dca254d"
"""Stands for the definitions of all tables, indexes, views and triggers (`definitions`); a test tells it."""

ROW_FORMAT = 1
"""How a row's payload is to be read; one more when its meaning changes."""

CHAINED = ("run", "attempt", "attempt_end", "record", "epoch", "finding", "judgement", "journal")
"""Tables whose rows carry `seq` and `hash`: together they are the chain of a run."""

SEALED = ("config", "version", "ledger", "saved_search", "redaction")
"""Tables whose rows stand in no chain: each carries a hash of its own in `seal`. Their ids, which it covers, are given
once and have no gap."""

INSERT_ONLY = ("config_path", "config_leaf", *CHAINED, "blob", *SEALED)
"""Tables that are the record: triggers refuse to change, remove or replace a row, but for a content whose redaction
is recorded: it may give way to its tombstone."""

DERIVED = ("summary", "metric_extent", "search_text", "recipe_place", "recipe_setting")
"""Tables that follow from the record, may change, and can be made again by `verify.rebuild`."""

VIEWS = ("live_metric", "run_metric", "standing_finding")
"""`run_metric`: what was measured of every run, from `metric_extent` and, for runs that go on, from their summary:
`live_metric`.
`standing_finding`: the findings that count, those behind the newest judgement of their run."""

MEASURES = ("train_loss", "val_loss", "train_loss_eval", "train_regularization", "lr", "seconds")
"""What every epoch may measure, as its record's fields: beside its metrics, these have curves."""

BOOKKEEPING = ("alembic_version",)
"""Alembic's own."""
