"""Runs that were recorded and have not trained: as a process leaves them that is killed in its first epoch."""

from __future__ import annotations

from pathlib import Path

from logbook.store import open_reader, open_writer
from logbook_schemas.config.identity import AnyConfig, freeze, thaw
from logbook_schemas.records.runs import AttemptRecord, RunSummary


def begin_like(folder: Path, number: int, *, config: AnyConfig | None = None) -> RunSummary:
    """Record one more run as another began, of its config or of another one."""
    with open_reader(folder / ".logbook") as reader:
        past = reader.run(number)
        config = config or thaw(reader.frozen(past.summary.config_hash))
    assert past.start_of_run is not None
    with open_writer(folder / ".logbook") as writer:
        return writer.begin_run(
            config,
            freeze(config),
            past.start_of_run,
            AttemptRecord(number=1, started_at=past.summary.started_at, device="cpu"),
            blobs={},
            data=past.data,
            findings=(),
            metric_modes={"accuracy": "max"},
        )
