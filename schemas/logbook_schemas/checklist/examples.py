"""The evidence of one healthy run, for the examples of rules to tweak: digits, a small MLP, six epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import (
    ArrayRecord,
    DataRecord,
    EndRecord,
    EpochRecord,
    SplitRecord,
    StartRecord,
)
from logbook_schemas.records.runs import HistoryRecord, PastRun

__all__ = ["config", "curve", "data", "end", "evidence", "past", "regression_data", "start"]

_DIGITS = tuple(str(digit) for digit in range(10))
_STEPS_PER_EPOCH = 45


def config(**sections: Any) -> RunConfig:
    """Return a healthy config; a keyword replaces a whole section: `config(optimizer={"kind": "sgd"})`."""
    healthy: dict[str, Any] = {
        "name": "example",
        "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
        "model": {"kind": "mlp", "hidden": [64]},
    }
    return RunConfig.model_validate({**healthy, **sections})


def data(**fields: Any) -> DataRecord:
    """Return the record of healthy classification data: ten equal classes, inputs standardised."""
    healthy: dict[str, Any] = {
        "task": "classification",
        "input_shape": (64,),
        "output_size": 10,
        "classes": _DIGITS,
        "splits": {
            "train": SplitRecord(rows=1440, class_counts=(144,) * 10),
            "validation": SplitRecord(rows=360, class_counts=(36,) * 10),
        },
        "inputs": ArrayRecord(dtype="float32", mean=0.0, std=1.0, min=-0.81, max=1.85, quantile_995=1.85),
        "baseline": {"val_loss": 2.3026, "accuracy": 0.1},
        "baseline_name": "class shares",
        "metric_modes": {"accuracy": "max"},
    }
    return DataRecord(**{**healthy, **fields})


def regression_data(**fields: Any) -> DataRecord:
    """Return the record of healthy regression data: inputs and targets standardised."""
    healthy: dict[str, Any] = {
        "task": "regression",
        "input_shape": (10,),
        "output_size": 1,
        "classes": (),
        "splits": {"train": SplitRecord(rows=354), "validation": SplitRecord(rows=88)},
        "inputs": ArrayRecord(dtype="float32", mean=0.0, std=1.0, min=-3.1, max=4.2, quantile_995=3.0),
        "targets": ArrayRecord(dtype="float32", mean=0.0, std=1.0, min=-1.7, max=2.6, quantile_995=2.3),
        "baseline": {"val_loss": 1.02, "mae": 66.0},
        "baseline_name": "mean of the targets",
        "metric_modes": {"mae": "min"},
    }
    return data(**{**healthy, **fields})


def start(**fields: Any) -> StartRecord:
    """Return the record of a healthy untrained classifier of ten classes."""
    healthy: dict[str, Any] = {
        "parameters": 4810,
        "trainable": 4810,
        "probe_rows": 256,
        "initial_loss": 2.41,
        "expected_loss": 2.3026,
        "output_shape": (256, 10),
        "outputs_sum_to_one": False,
    }
    return StartRecord(**{**healthy, **fields})


def curve(
    train: Sequence[float | None], val: Sequence[float | None] = (), *, steps: int = _STEPS_PER_EPOCH, **fields: Any
) -> tuple[EpochRecord, ...]:
    """Return one epoch for each train loss; `val` may be shorter, `fields` are the same in each epoch."""
    padded = [*val, *[None] * (len(train) - len(val))]
    return tuple(
        EpochRecord(epoch=epoch, steps=steps * epoch, train_loss=loss, val_loss=padded[epoch - 1], **fields)
        for epoch, loss in enumerate(train, start=1)
    )


def end(**fields: Any) -> EndRecord:
    """Return the end of a training that finished."""
    return EndRecord(**{"status": "finished", **fields})


def past(number: int = 12, **fields: Any) -> HistoryRecord:
    """Return a history with one finished run of the same recipe."""
    run = {"id": f"r{number}", "name": "example", "version": 1, "status": "finished", "best_value": 0.21, **fields}
    return HistoryRecord(same_recipe=(PastRun(**run),))


def evidence(**parts: Any) -> Evidence:
    """Return all that is known of the healthy run at its end; a keyword replaces a part, None takes it away."""
    healthy: dict[str, Any] = {
        "config": config(),
        "data": data(),
        "start": start(),
        "epochs": curve(
            [1.31, 0.42, 0.25, 0.19, 0.17, 0.165],
            [0.61, 0.33, 0.24, 0.20, 0.19, 0.188],
            metrics={"accuracy": 0.95},
            predicted_counts=(36, 35, 37, 36, 36, 38, 34, 36, 35, 37),
        ),
        "end": end(),
        "history": HistoryRecord(),
    }
    return Evidence(**{**healthy, **parts})
