"""A logbook full of runs, made through the writer: no training, but every row that a training leaves."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from logbook_schemas.config.identity import freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, JournalEntry, RunSummary, StartOfRun

if TYPE_CHECKING:
    from logbook.store.writer import Writer
    from logbook_schemas.config.identity import AnyConfig

__all__ = ["begin_config", "begin_one", "fill", "varied"]

EPOCHS = 20
NAMES = ("digits-mlp", "digits-cnn", "wine", "spirals", "own-net")


def begin_one(
    writer: Writer,
    *,
    seed: int = 0,
    name: str = "digits-mlp",
    lr: float = 0.001,
    more: Mapping[str, object] | None = None,
) -> RunSummary:
    """Record the beginning of one run; `more` are sections of its config."""
    raw = {
        "name": name,
        "hypothesis": f"a rate of {lr:g} is right",
        "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
        "optimizer": {"kind": "adam", "lr": lr},
        "training": {"seed": seed},
        **(more or {}),
    }
    data = DataRecord(source="sklearn digits", metric_modes={"accuracy": "max"})
    return begin_config(writer, RunConfig.model_validate_json(json.dumps(raw)), seed=seed, data=data)


def begin_config(writer: Writer, config: AnyConfig, *, seed: int = 0, data: DataRecord | None = None) -> RunSummary:
    """Record the beginning of one run of a config."""
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
        data=data,
        findings=[],
        metric_modes={"accuracy": "max"},
    )


def varied(draw: random.Random) -> dict[str, object]:
    """Return the sections of a config that no other has: 30 settings drawn, numbers on a logarithmic scale."""

    def number(low: float, high: float) -> float:
        return float(f"{low * (high / low) ** draw.random():.3g}")

    optimizer = draw.choice(
        [
            {"kind": "adam", "beta1": 1 - number(0.01, 0.5), "beta2": 1 - number(1e-4, 0.1), "eps": number(1e-9, 1e-6)},
            {"kind": "sgd", "weight_decay": number(1e-6, 1e-2)},
            {"kind": "momentum", "momentum": 1 - number(0.01, 0.5)},
            {"kind": "rmsprop", "alpha": 1 - number(1e-3, 0.1)},
        ]
    )
    schedule = draw.choice(
        [
            {"kind": "constant", "warmup": draw.randrange(500)},
            {"kind": "step", "step_size": draw.randrange(1, 20), "gamma": number(0.05, 0.9)},
            {"kind": "cosine", "final": number(1e-4, 0.5)},
        ]
    )
    return {
        "data": {
            "source": {"kind": "sklearn", "dataset": draw.choice(["digits", "digits", "digits", "wine"])},
            "split": {"kind": "random", "validation": number(0.1, 0.4), "seed": draw.randrange(5)},
        },
        "model": {
            "kind": "mlp",
            "hidden": [round(number(8, 1024)) for _ in range(draw.randrange(1, 6))],
            "activation": draw.choice(["relu", "tanh", "gelu", "elu"]),
            "init": draw.choice(["he", "xavier", "lecun", "orthogonal"]),
            "dropout": number(0.01, 0.7),
            "input_dropout": number(0.01, 0.5),
        },
        "loss": {"kind": "cross-entropy", "label_smoothing": number(0.01, 0.3)},
        "optimizer": {**optimizer, "lr": number(1e-5, 1)},
        "schedule": schedule,
        "regularization": {"l1": number(1e-8, 1e-3), "l2": number(1e-8, 1e-2)},
        "gradients": {"clip": {"kind": "norm", "max_norm": number(0.1, 10)}},
        "training": {
            "epochs": round(number(5, 500)),
            "batch_size": 2 ** draw.randrange(3, 10),
            "seed": draw.randrange(5),
            "early_stopping": {"patience": draw.randrange(2, 50), "min_delta": number(1e-6, 1e-2)},
        },
    }


def fill(
    folder: Path,
    runs: int,
    *,
    distinct: bool = False,
    epochs: int = EPOCHS,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Record `runs` finished runs, with learning rates, losses, tags and outcomes drawn from a seed.

    They share what they can, or are `distinct` in 30 settings.
    """
    from logbook.store import open_writer

    draw = random.Random(0)
    with open_writer(folder) as writer:
        for place in range(runs):
            lr = 10 ** draw.uniform(-5, -1)
            more = varied(draw) if distinct else None
            summary = begin_one(writer, seed=place % 5, name=draw.choice(NAMES), lr=float(f"{lr:.3g}"), more=more)
            floor = draw.uniform(0.05, 1.0)
            for epoch in range(1, epochs + 1):
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
                summary.number, 1, status="finished", end=EndRecord(status="finished", best_epoch=epochs)
            )
            if place % 10 == 0:
                writer.add_journal(summary.number, JournalEntry(kind="outcome", text="dead-end", reason="exploded"))
            progress(place + 1)
