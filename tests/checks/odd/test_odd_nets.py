"""Networks that are built oddly: each trains, with probes as without, and nothing is said that isn't so.

`make test` trains each with one seed, `make soak` with three.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import pytest

from tests.checks import programs
from tests.checks.odd import odd_nets

SOURCE = Path(odd_nets.__file__).read_text()
SEEDS = (0, 1, 2) if os.environ.get("LOGBOOK_SOAK") else (0,)
BLOBS = {"kind": "synthetic", "pattern": {"kind": "blobs", "features": 16, "classes": 3}, "rows": 160}
HELPERS = {"plain", "Around", "Block", "Symmetric"}
NETS = [
    name
    for name, value in vars(odd_nets).items()
    if getattr(value, "__module__", "") == odd_nets.__name__
    and (inspect.isclass(value) or inspect.isfunction(value))
    and name not in HELPERS
]
OF_THE_SMALL_DATA = {"few-updates", "unfinished-training"}


def config(net: str, seed: int = 0, every: int = 1, **training: Any) -> dict[str, Any]:
    return {
        "name": "odd",
        "task": "classification",
        "data": {"source": BLOBS},
        "model": programs.own(net),
        "training": {"epochs": 2, "batch_size": 16, "device": "cpu", "seed": seed, **training},
        "diagnostics": {"every": every},
    }


def trained(folder: Path, net: str, **changes: Any) -> Any:
    folder.mkdir()
    run = programs.run(folder, config(net, **changes), SOURCE)
    assert run.summary.status == "finished", run.attempts
    assert run.end is not None
    return run


# Of torch's own, where it translates hooks: outputs on the way are no leaves.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("net", NETS)
def test_an_odd_network_trains_as_without_probes_and_nothing_is_wrong_with_it(
    net: str, seed: int, tmp_path: Path
) -> None:
    with_probes = trained(tmp_path / "with", net, seed=seed)
    without = trained(tmp_path / "without", net, seed=seed, every=0)
    assert with_probes.end.weights_hash == without.end.weights_hash
    assert with_probes.epochs[-1].layers
    assert set(programs.loud(with_probes.findings)) <= OF_THE_SMALL_DATA, programs.told(with_probes.findings)


HALF = {"precision": "bfloat16"}
EAGER, TRANSLATED = ({"compile": {"backend": backend}} for backend in ("eager", "aot_eager"))
OTHERWISE = [*((net, HALF) for net in ("Again", "Counting", "Recurrent", "spectral_norm")), ("Again", EAGER)]
if os.environ.get("LOGBOOK_SOAK"):  # translating takes seconds
    OTHERWISE += [(net, how) for net in ("Counting", "Hooked", "Tied") for how in (EAGER, TRANSLATED)]


@pytest.mark.parametrize(("net", "training"), [*OTHERWISE, ("Recurrent", TRANSLATED)])
def test_half_precision_and_translation_change_nothing_of_that(
    net: str, training: dict[str, Any], tmp_path: Path
) -> None:
    with_probes = trained(tmp_path / "with", net, **training)
    without = trained(tmp_path / "without", net, every=0, **training)
    assert with_probes.end.weights_hash == without.end.weights_hash
    assert with_probes.epochs[-1].layers


def test_the_table_is_whole() -> None:
    assert len(NETS) >= 30
