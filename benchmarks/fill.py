"""A logbook full of runs, made through the writer: no training, but every row that a training leaves."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from logbook_schemas.config.identity import freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, JournalEntry, RunSummary, StartOfRun

if TYPE_CHECKING:
    from logbook.store.writer import Writer

__all__ = ["begin_one", "fill"]

EPOCHS = 20
NAMES = ("digits-mlp", "digits-cnn", "wine", "spirals", "own-net")


def begin_one(writer: Writer, *, seed: int = 0, name: str = "digits-mlp", lr: float = 0.001) -> RunSummary:
    """Record the beginning of one run."""
    raw = {
        "name": name,
        "hypothesis": f"a rate of {lr:g} is right",
        "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
        "optimizer": {"kind": "adam", "lr": lr},
        "training": {"seed": seed},
    }
    config = RunConfig.model_validate_json(json.dumps(raw))
    start = StartOfRun(
        seed=seed,
        monitor={"metric": "val_loss", "mode": "min"},
        git=GitRecord(state="ok", sha="0" * 40, branch="main", dirty=False),
        environment=EnvironmentRecord(python="3.11.7"),
        code=CodeRecord(identity="0" * 64),
    )
    attempt = AttemptRecord(number=1, started_at="2026-11-01T00:00:00.000000Z", host="here", pid=1)
    return writer.begin_run(
        config,
        freeze(config),
        start,
        attempt,
        blobs={},
        data=DataRecord(source="sklearn digits", metric_modes={"accuracy": "max"}),
        findings=[],
        metric_modes={"accuracy": "max"},
    )


def fill(folder: Path, runs: int, *, progress: Callable[[int], None] = lambda done: None) -> None:
    """Record `runs` finished runs of 20 epochs, with learning rates, losses, tags and outcomes drawn from a seed."""
    from logbook.store import open_writer

    draw = random.Random(0)
    with open_writer(folder) as writer:
        for place in range(runs):
            lr = 10 ** draw.uniform(-5, -1)
            summary = begin_one(writer, seed=place % 5, name=draw.choice(NAMES), lr=float(f"{lr:.3g}"))
            floor = draw.uniform(0.05, 1.0)
            for epoch in range(1, EPOCHS + 1):
                loss = floor + 2 / epoch
                writer.append_epoch(
                    summary.number,
                    1,
                    EpochRecord(
                        epoch=epoch,
                        steps=45 * epoch,
                        train_loss=loss,
                        val_loss=loss * 1.1,
                        metrics={"accuracy": 1 / (1 + loss)},
                        lr=lr,
                        seconds=1.5,
                    ),
                    None,
                )
            writer.end_attempt(
                summary.number, 1, status="finished", end=EndRecord(status="finished", best_epoch=EPOCHS)
            )
            if place % 10 == 0:
                writer.add_journal(summary.number, JournalEntry(kind="outcome", text="dead-end", reason="exploded"))
            progress(place + 1)
