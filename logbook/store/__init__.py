"""The logbook on disk: the only place that speaks SQL. Rows inside, schemas outside.

with open_writer(folder) as writer: …      makes the logbook where there is none
with open_reader(folder) as reader: …      can only read; NotFoundError where there is none
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logbook.store.location import locate
from logbook.store.opening import prepare_to_read, prepare_to_write

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook.store.writer import Writer

__all__ = ["locate", "open_reader", "open_writer"]


def open_reader(folder: Path) -> Reader:
    """Open a logbook to read from it; what is derived of runs that were killed is brought up to date where it can be.

    Raises NotFoundError where there is none, StoreError where it can't be read.
    """
    from logbook.store.reader import Reader
    from logbook.store.settling import settle

    prepare_to_read(folder)
    settle(folder)
    return Reader(folder)


def open_writer(folder: Path) -> Writer:
    """Open a logbook to add to it, making it where there is none; StoreError where it can't be written."""
    from logbook.store.settling import settle
    from logbook.store.writer import Writer

    prepare_to_write(folder)
    settle(folder)
    return Writer(folder)
