"""Freeze a store of today's schema, before a migration changes it: `python -m tests.store.assets.freeze_store`.

It writes `schema-<version>.db` beside this file, with runs that ended, diverged and crashed, findings, a journal and
every kind of row. A file that is there is never written again: it stands for the logbooks that people have.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from logbook.store import open_writer
from logbook.store.redaction import redact
from logbook.store.schema import SCHEMA_VERSION
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.cli.books import add_run, make_book
from tests.store.making import begin, config, epoch

HERE = Path(__file__).parent
SECRET = b"the password of everything"


def main() -> None:
    target = HERE / f"schema-{SCHEMA_VERSION}.db"
    if target.exists():
        sys.exit(f"{target.name} is there already")
    with tempfile.TemporaryDirectory() as name:
        folder = make_book(Path(name) / ".logbook")
        add_run(folder, losses=(0.5, 0.31))
        with open_writer(folder) as writer:
            writer.add_journal(1, JournalEntry(kind="note", text="the first one"))
            writer.add_journal(2, JournalEntry(kind="tag", text="fast"))
            writer.add_journal(3, JournalEntry(kind="outcome", text="dead-end", reason="it exploded"))
            crashed = begin(writer, config(name="crashed")).number
            writer.append_epoch(crashed, 1, epoch(1), b"series")
            secret = sha256(SECRET).hexdigest()
            writer.put_blobs({secret: SECRET})
            for query in ("lr<1", "lr<0.1"):
                writer.save_search(SavedSearch(name="slow", query=query))
        redact(folder, [secret], author="ada")
        shutil.copyfile(folder / "logbook.db", target)


if __name__ == "__main__":
    main()
