"""What Alembic runs for each upgrade: the connection and its transaction are the caller's."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from logbook.store import tables

__all__ = ["tables"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
context.run_migrations()
