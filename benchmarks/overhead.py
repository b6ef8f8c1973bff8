"""What the probes cost: epochs with every layer measured and judged against epochs without, in one training.

`diagnostics.every` is 2, so that measured and unmeasured epochs of the same loop take turns in one process on one
thread. An epoch is timed from the end of the one before to where it has been judged and made a row for the store: the
append itself is measured in `append.py`. At the default cadence every epoch is measured, so that this is the ratio of
a training with all probes on to one with none.
"""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import PAIRS, Ratio, ratio_of

__all__ = ["measure_judging", "measure_overhead"]

GOAL = 1.05
_EPOCHS = 1_000
_MLP: dict[str, Any] = {
    "data": {"source": {"kind": "python", "target": "benchmarks.epoch:make_data"}},
    "model": {"kind": "mlp", "hidden": [512, 512]},
    "training": {"batch_size": 64},
}
_DIGITS: dict[str, Any] = {
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
    "model": {"kind": "mlp", "hidden": [256]},
    "training": {"batch_size": 32},
}
_SMALL: dict[str, Any] = {**_DIGITS, "model": {"kind": "mlp", "hidden": [64, 64]}}


def measure_overhead() -> list[Ratio]:
    """Return the ratio of measured to unmeasured epochs of each network."""
    cases = (
        ("784-512-512-10, 10,000 rows", _MLP, PAIRS),
        ("digits, 64-256-10", _DIGITS, 10 * PAIRS),
        ("digits, 64-64-64-10", _SMALL, 10 * PAIRS),
    )
    return [
        ratio_of(f"epoch with all probes / without, CPU: {name}", _pairs(sections, pairs), goal=GOAL)
        for name, sections, pairs in cases
    ]


def measure_judging() -> tuple[float, float]:
    """Return the seconds that judging the hundredth and the last of 1,000 epochs takes: it must not grow much."""
    from logbook_schemas.checklist.catalogue import judge_moment
    from logbook_schemas.checklist.examples import config, curve, data, start
    from logbook_schemas.checklist.rule import Evidence
    from logbook_schemas.records.measures import LayerRecord

    layers = tuple(
        LayerRecord(
            name=f"hidden.{place}.linear", kind="Linear", order=place, parameters=4160, fan_in=64, weight_norm=8.0,
            weight_std=0.18, weight_variance_ratio=1.0, gradient_norm=0.1, gradient_abs_mean=1e-3,
            gradient_zero_share=0.1, update_ratio=1e-3, activation_mean=0.1, activation_std=1.0, unit_std=0.9,
        )
        for place in range(20)
    )  # fmt: skip
    losses = [2.0 * 0.999**epoch for epoch in range(_EPOCHS)]
    epochs = curve(losses, losses, layers=layers, lr=1e-3)
    found = []
    for last in (_EPOCHS // 10, _EPOCHS):
        known = Evidence(config=config(), data=data(), start=start(layers=layers), epochs=epochs[:last])
        began = time.perf_counter()
        for _ in range(20):
            judge_moment(known, "epoch")
        found.append((time.perf_counter() - began) / 20)
    return found[0], found[1]


def _pairs(sections: dict[str, Any], pairs: int) -> list[tuple[float, float]]:
    """Return the seconds of each measured epoch with those of the unmeasured one before it."""
    import torch

    from logbook.training.data import load_data
    from logbook.training.data.probe import probe_data
    from logbook.training.state import Job
    from logbook.training.trainer import prepare, train
    from logbook_schemas.config.run import RunConfig

    training = {**sections["training"], "epochs": 2 * pairs + 2, "device": "cpu"}
    told = {"name": "overhead", "task": "classification", **sections, "training": training, "diagnostics": {"every": 2}}
    config = RunConfig.model_validate_json(json.dumps(told))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder, cpu = Path(name), torch.device("cpu")
            loaded = load_data(config, folder)
            record, _ = probe_data(loaded, config, None)
            job = Job(
                config=config, loaded=loaded.to(cpu), folder=folder, checkpoints=folder / "checkpoints", device=cpu
            )
            sink = _Judge(config, record)
            train(prepare(job), sink)
    finally:
        torch.set_num_threads(before)
    seconds = sink.seconds[2:]  # the first two meet everything for the first time
    return list(zip(seconds[1::2], seconds[::2], strict=True))


@dataclass
class _Judge:
    """A sink that judges each epoch as the recorder does, and writes down when it has."""

    config: Any
    data: Any
    seconds: list[float] = field(default_factory=list)
    epochs: list[Any] = field(default_factory=list)
    began: float = 0.0
    untrained: Any = None

    def start(self, record: Any) -> None:
        self.untrained = record
        self.began = time.perf_counter()

    def epoch(self, record: Any, series: bytes | None, *, is_best: bool) -> bool:
        from logbook_schemas.checklist.catalogue import judge_moment
        from logbook_schemas.checklist.rule import Evidence

        self.epochs.append(record)
        judge_moment(
            Evidence(config=self.config, data=self.data, start=self.untrained, epochs=tuple(self.epochs)), "epoch"
        )
        record.model_dump_json(exclude_none=True)
        now = time.perf_counter()
        self.seconds.append(now - self.began)
        self.began = now
        return True

    def content(self, body: bytes) -> str:
        return ""

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return False

    def should_stop(self) -> bool:
        return False

    def breakable(self) -> AbstractContextManager[None]:
        return nullcontext()

    def message(self, text: str) -> None: ...
