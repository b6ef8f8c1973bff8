"""The probes of the data, all of them, on a table of a million rows and on 60,000 images; in seconds, one thread.

Every row is hashed, for rows that stand twice; the rest is measured on samples. The goal of the table is 10 s. What is
measured is `probe_data`, with the fingerprints; reading and splitting come before. A second number, the loading, stands
beside it for comparison.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Ratio, ratio_of, timed

__all__ = ["measure_data_probes"]

ROUNDS = 3
GOAL_SECONDS = 10.0


def measure_data_probes() -> list[Ratio]:
    """Return the seconds of the probes, as a ratio to one second, for each set."""
    import torch

    torch.set_num_threads(1)
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, arrays, shuffled in _sets():
            found.append(_measured(folder, what, arrays, shuffled=shuffled))
    return found


def _sets() -> Any:
    import numpy as np

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1_000_000, 20)).astype(np.float32)
    labels = (rows[:, 0] + rows[:, 1] > 0).astype(np.int64)
    yield "table, 1,000,000 rows x 20", (rows, labels), False
    # Where the labels say nothing every model is tried: the longest that the probes take.
    yield "table, 1,000,000 rows x 20, shuffled labels", (rows, labels), True
    del rows
    classes = rng.integers(0, 10, 60_000)
    images = rng.normal(size=(10, 784))[classes] + rng.normal(size=(60_000, 784))
    yield "images, 60,000 x 784", (images.astype(np.float32), classes), False


def _measured(folder: Path, what: str, arrays: tuple[Any, Any], *, shuffled: bool) -> Ratio:
    import numpy as np

    from logbook.training.data import load_data, probe_data
    from logbook_schemas.config.run import RunConfig

    inputs, targets = arrays
    if shuffled:
        targets = np.random.default_rng(1).permutation(targets)
    np.savez(folder / "set.npz", x=inputs, y=targets)
    config = RunConfig.model_validate(
        {
            "name": "probes",
            "task": "classification",
            "data": {"source": {"kind": "npz", "path": "set.npz"}},
            "model": {"kind": "mlp", "hidden": [64]},
        }
    )
    loaded = load_data(config, folder)
    seconds = [timed(lambda: probe_data(loaded, config)) for _ in range(ROUNDS)]
    return ratio_of(f"data probes, s / {what}", [(one, 1.0) for one in seconds], goal=GOAL_SECONDS)
