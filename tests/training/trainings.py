"""Small trainings through the public door, for the tests of what a training does."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from logbook.provenance import content_hash
from logbook.training.data import load_data
from logbook.training.state import Job
from logbook.training.trainer import prepare, train
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import EndRecord, EpochRecord, StartRecord

BLOBS: dict[str, Any] = {
    "name": "blobs",
    "data": {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 60}},
    "model": {"kind": "mlp", "hidden": [8]},
    "training": {"epochs": 2, "batch_size": 16, "device": "cpu"},
}


class Sink:
    """Keeps what a training hands over."""

    def __init__(self) -> None:
        self.starts: list[StartRecord] = []
        self.epochs: list[EpochRecord] = []
        self.messages: list[str] = []
        self.is_stopping = False

    def start(self, record: StartRecord) -> None:
        self.starts.append(record)

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        self.epochs.append(record)
        return True

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return self.is_stopping

    def should_stop(self) -> bool:
        return self.is_stopping

    def breakable(self) -> AbstractContextManager[None]:
        return nullcontext()

    def content(self, body: bytes) -> str:
        return content_hash(body)

    def message(self, text: str) -> None:
        self.messages.append(text)

    @property
    def losses(self) -> list[tuple[int, float | None, float | None]]:
        return [(record.epoch, record.train_loss, record.val_loss) for record in self.epochs]


def job_of(folder: Path, changes: dict[str, Any]) -> Job:
    """Return the job of the blobs' config with some sections changed; a section with a `kind` is replaced."""
    folder.mkdir(exist_ok=True)
    merged = {**BLOBS, **changes, "training": {**BLOBS["training"], **changes.get("training", {})}}
    config = RunConfig.model_validate_json(json.dumps(merged))
    cpu = torch.device("cpu")
    loaded = load_data(config, folder).to(cpu)
    return Job(config=config, loaded=loaded, folder=folder, checkpoints=folder / "checkpoints", device=cpu)


def run(
    folder: Path, changes: dict[str, Any], *, sink: Sink | None = None, resume: bool = False
) -> tuple[Sink, EndRecord]:
    """Train, and return what was handed over and how it ended."""
    sink = sink or Sink()
    return sink, train(prepare(job_of(folder, changes)), sink, resume=resume)


def own_module(folder: Path, name: str, source: str) -> None:
    """Write a module of the person's own, which no other test has loaded."""
    folder.mkdir(exist_ok=True)
    sys.modules.pop(name, None)
    (folder / f"{name}.py").write_text(source)
