"""The SQLite store does what every store must."""

from __future__ import annotations

from logbook.store import live, open_reader, open_writer
from tests.store.conformance import StoreConformance


class TestSqliteStore(StoreConformance):
    def writer(self, place):
        return open_writer(place / "book")

    def reader(self, place):
        return open_reader(place / "book")

    def alive(self, place, uuid):
        return live.hold(place / "book", uuid)
