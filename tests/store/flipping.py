"""A small, whole logbook, everything that is read of it, and its files damaged in many ways."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from logbook.errors import LogbookError
from logbook.store import open_reader, open_writer
from logbook.store.reader import Reader
from logbook.store.redaction import redact
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.store.making import begin, config, epoch, start_of_run

SOURCE = b"import torch\n" * 30
SECRET = b"the password of everything"


def name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_whole(folder: Path) -> Path:
    """Return a logbook with every kind of row: ended, diverged and crashed runs, words of people, a redaction."""
    found = Finding(code="L101", name="learning-rate-out-of-bounds", severity="warning", moment="config", message="far")
    with open_writer(folder) as writer:
        for place in range(3):
            chosen = config(optimizer={"kind": "adam", "lr": 0.001 * (place + 1)}, tags=["fast"])
            blobs = {name_of(one): one for one in (SOURCE, SECRET)}
            start = start_of_run(seed=place, source_blob=name_of(SOURCE))
            run = begin(writer, chosen, blobs=blobs, data=DataRecord(source="digits"), findings=[found], start=start)
            for number in range(1, 6):
                writer.append_epoch(run.number, 1, epoch(number), bytes(range(50)))
            writer.add_journal(run.number, JournalEntry(kind="note", text="it looks fine", author="ada"))
            if place < 2:
                writer.end_attempt(run.number, 1, status="finished", end=EndRecord(status="finished", best_epoch=5))
        writer.add_journal(1, JournalEntry(kind="outcome", text="promising", reason="quick", author="ada"))
        writer.save_search(SavedSearch(name="stuck", query="lr<1"))
    redact(folder, [name_of(SECRET)], author="ada")
    return folder


def read_all(reader: Reader) -> list[Any]:
    """Return every record that the reader gives out."""
    runs = reader.runs()
    read: list[Any] = [runs, reader.saved_searches(), reader.recipes(), reader.versions("digits-mlp")]
    for summary in runs:
        number = summary.number
        read += [
            reader.run(number),
            reader.history(number),
            reader.all_findings(number),
            reader.judgements(number),
            reader.journal(number),
            reader.attempts(number),
            reader.start_of_run(number),
            reader.data_record(number),
            reader.frozen(summary.config_hash),
            [reader.series(number, one) for one in range(1, 6)],
            reader.columns([number], "lr,val_loss.best,val_loss@3,accuracy.last")[1],
        ]
    read += [[one.number for one in reader.search("lr<0.0025 and tag:fast")], reader.blob(name_of(SOURCE))]
    return [repr(one) for one in read]


def read_folder(folder: Path) -> list[Any] | str:
    """Return everything that a logbook says, or, where it can't be read, what it says of that."""
    try:
        with open_reader(folder) as reader:
            return read_all(reader)
    except LogbookError as error:
        return str(error)
