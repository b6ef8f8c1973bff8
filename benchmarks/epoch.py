"""One epoch of the 784-512-512-10 MLP through our runner, against loops that people write by hand.

All do the same: shuffle, train with Adam at batch 64 on 10,000 rows, read every loss, validate on 2,000 rows, and
write a checkpoint of weights and optimizer that survives a power cut, with deterministic kernels. The epochs take
turns in one process on one thread. Ours also records, probes every layer, judges, and evaluates a training
subsample. It takes PyTorch's fused Adam, which the hand-written loops leave out as most people do; the third ratio is
to a bare loop that takes it too.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import PAIRS, Ratio, ratio_of, timed

__all__ = ["make_data", "measure_epoch"]

TRAIN, VALIDATION, BATCH = 10_000, 2_000, 64
GOALS = {"bare loop": 1.05, "DataLoader loop": 1.0, "bare loop with fused Adam": None}


def make_data() -> dict[str, tuple[Any, Any]]:
    """Return made-up images of ten classes, already split; named by the benchmark's config."""
    import torch

    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(10, (TRAIN + VALIDATION,), generator=generator)
    centres = torch.randn(10, 784, generator=generator)
    inputs = centres[targets] * 0.3 + torch.randn(TRAIN + VALIDATION, 784, generator=generator)
    return {"train": (inputs[:TRAIN], targets[:TRAIN]), "validation": (inputs[TRAIN:], targets[TRAIN:])}


def measure_epoch() -> list[Ratio]:
    """Return the ratios of our epoch to those of the hand-written loops."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = make_data()
        peers = {
            "bare loop": _epochs(data, folder / "bare.pt", _sliced),
            "DataLoader loop": _epochs(data, folder / "loader.pt", _loaded),
            "bare loop with fused Adam": _epochs(data, folder / "fused.pt", _sliced, fused=True),
        }
        turns = _Turns(peers)
        _run_ours(folder, turns)
    return [
        ratio_of(f"epoch / {name}", [(turn.ours, turn.theirs[name]) for turn in turns.taken[1:]], goal=GOALS[name])
        for name in peers
    ]


@dataclass(frozen=True)
class _Turn:
    """Seconds of one epoch of ours and of each peer."""

    ours: float
    theirs: dict[str, float]


class _Turns:
    """Lets the hand-written loops take their turn whenever an epoch of ours is done."""

    def __init__(self, peers: dict[str, Iterator[None]]) -> None:
        self._peers = peers
        self.taken: list[_Turn] = []
        self._began = time.perf_counter()

    def take(self) -> None:
        ours = time.perf_counter() - self._began
        self.taken.append(
            _Turn(ours, {name: timed(lambda peer=peer: next(peer)) for name, peer in self._peers.items()})
        )  # type: ignore[misc]
        self._began = time.perf_counter()


def _run_ours(folder: Path, turns: _Turns) -> None:
    from logbook.running import RunRequest, run

    class Progress:
        """Our epoch ends where its record is on disk; its checkpoint counts to the next one."""

        def message(self, text: str) -> None: ...
        def findings(self, findings: object) -> None: ...
        def tried(self, *_: object) -> None: ...
        def begin(self, summary: object, epochs: int) -> None: ...
        def step(self, epoch: int, step: int, steps: int) -> None: ...
        def end(self, summary: object) -> None: ...
        def epoch(self, record: object, is_best: bool) -> None:
            turns.take()

    config = folder / "mlp.json"
    config.write_text(
        '{"task": "classification",'
        ' "data": {"source": {"kind": "python", "target": "benchmarks.epoch:make_data"}},'
        ' "model": {"kind": "mlp", "hidden": [512, 512]},'
        f' "training": {{"epochs": {PAIRS + 1}, "batch_size": {BATCH}, "device": "cpu"}}}}'
    )
    outcome = run(RunRequest(config=config, logbook=str(folder / ".logbook")), Progress())
    assert outcome.exit_status == 0, outcome.refused


def _sliced(data: tuple[Any, Any], shuffle: bool) -> Iterator[tuple[Any, Any]]:
    import torch

    inputs, targets = data
    order = torch.randperm(len(targets)) if shuffle else torch.arange(len(targets))
    for start in range(0, len(targets), BATCH if shuffle else 1024):
        index = order[start : start + (BATCH if shuffle else 1024)]
        yield inputs[index], targets[index]


def _loaded(data: tuple[Any, Any], shuffle: bool) -> Iterator[tuple[Any, Any]]:
    from torch.utils.data import DataLoader, TensorDataset

    yield from DataLoader(TensorDataset(*data), batch_size=BATCH if shuffle else 1024, shuffle=shuffle)


def _epochs(
    data: dict[str, tuple[Any, Any]],
    checkpoint: Path,
    batches: Callable[[tuple[Any, Any], bool], Iterator[Any]],
    *,
    fused: bool = False,
) -> Iterator[None]:
    """Train by hand, an epoch each time it is asked for the next."""
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)
    loss_of = nn.CrossEntropyLoss()
    losses: list[float] = []
    while True:
        model.train()
        for inputs, targets in batches(data["train"], True):
            optimizer.zero_grad()
            loss = loss_of(model(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            right, total = 0, 0.0
            for inputs, targets in batches(data["validation"], False):
                outputs = model(inputs)
                total += loss_of(outputs, targets).item() * len(targets)
                right += int((outputs.argmax(1) == targets).sum())
        with checkpoint.open("wb") as file:
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
            file.flush()
            os.fsync(file.fileno())
        yield
