"""What a run takes on disk: a config that no other run has, 20 epochs of 4 numbers, no diagnostics.

Measured between the 200th and the 1,000th run of a logbook, so that what a new file takes anyway doesn't count; beside
it the same runs as one line of compact JSON each, which holds what was asked for and what was measured and nothing
else: no index, no search, no hashes.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fill import begin_config, begin_one, varied

if TYPE_CHECKING:
    from logbook.store.writer import Writer
    from logbook_schemas.records.runs import RunSummary

__all__ = ["measure_size"]

EPOCHS = 20
FIRST, LAST = 200, 1_000
GOAL = 10.0
"""Kilobytes a run."""


def measure_size() -> list[str]:
    """Return a row of Markdown for each kind of config: what, kB a run, goal, met, kB as JSON lines."""
    return [
        _row("an own config of 30 settings", _begin_own),
        _row("a config of an mlp: 65 leaves, 30 of them drawn", _begin_mlp),
    ]


def _row(what: str, begin: Callable[[Writer, random.Random], tuple[RunSummary, str]]) -> str:
    ours, plain = _kilobytes(begin)
    return f"| {what} | {ours:.1f} kB | {GOAL:.0f} kB | {'yes' if ours <= GOAL else '**no**'} | {plain:.1f} kB |"


def _kilobytes(begin: Callable[[Writer, random.Random], tuple[RunSummary, str]]) -> tuple[float, float]:
    from logbook.store import open_writer

    draw, plain = random.Random(0), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for runs in (FIRST, LAST - FIRST):
            before = _bytes(folder)
            with open_writer(folder) as writer:
                for _ in range(runs):
                    summary, body = begin(writer, draw)
                    plain += len(body) + _train(writer, summary.number, draw)
        return (_bytes(folder) - before) / (LAST - FIRST) / 1000, plain / LAST / 1000


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("logbook.db*"))


def _train(writer: Writer, number: int, draw: random.Random) -> int:
    from logbook_schemas.records.measures import EndRecord, EpochRecord

    size = 0
    for epoch in range(1, EPOCHS + 1):
        record = EpochRecord(
            epoch=epoch,
            steps=45 * epoch,
            train_loss=draw.random(),
            val_loss=draw.random(),
            metrics={"accuracy": draw.random(), "balanced-accuracy": draw.random()},
            lr=0.001,
            seconds=draw.random(),
        )
        writer.append_epoch(number, 1, record, None)
        size += len(record.model_dump_json(exclude_defaults=True))
    writer.end_attempt(number, 1, status="finished", end=EndRecord(status="finished", best_epoch=EPOCHS))
    return size


def _begin_mlp(writer: Writer, draw: random.Random) -> tuple[RunSummary, str]:
    more = varied(draw)
    return begin_one(writer, more=more), json.dumps(more)


def _begin_own(writer: Writer, draw: random.Random) -> tuple[RunSummary, str]:
    from logbook_schemas.config.own import OwnConfig

    numbers = {f"setting_{place}": float(f"{draw.random():.3g}") for place in range(20)}
    texts = {f"choice_{place}": draw.choice(("relu", "tanh", "adam", "cosine")) for place in range(10)}
    body = json.dumps({"format": 1, "kind": "own", "name": "own-net", "values": {**numbers, **texts}})
    return begin_config(writer, OwnConfig.model_validate_json(body)), body
