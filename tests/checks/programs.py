"""Programs to judge: a config, where need be with a module of the person's own, checked or run through the public door.

`CLASSES` and `NUMBERS` are configs to change with `|`. A module is written beside the config as `own.py`; its parts are
named `{"kind": "python", "target": "own:model"}`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from logbook.building import build, load_examples
from logbook.gates import RunRequest
from logbook.gates import check as check_config
from logbook.running import run as run_config
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import StartRecord
from logbook_schemas.records.runs import RunRecord

SEEDS = (0, 1, 2) if os.environ.get("LOGBOOK_SOAK") else (0, 1)
"""Of the trainings that a rule must speak of, or be silent in: two in `make test`, three in `make soak`."""

CLASSES: dict[str, Any] = {
    "name": "classes",
    "data": {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 200}},
    "model": {"kind": "mlp", "hidden": [16]},
    "training": {"epochs": 2, "batch_size": 16, "device": "cpu"},
}
NUMBERS: dict[str, Any] = {
    "name": "numbers",
    "data": {
        "source": {"kind": "sklearn", "dataset": "diabetes"},
        "inputs": ["standardize"],
        "targets": ["standardize"],
    },
    "model": {"kind": "mlp", "hidden": [16]},
    "training": {"epochs": 2, "batch_size": 32, "device": "cpu"},
}


def own(name: str, **kwargs: Any) -> dict[str, Any]:
    """Return the config of a part of the person's own, a function of their module."""
    return {"kind": "python", "target": f"own:{name}", "kwargs": kwargs}


def write(folder: Path, config: dict[str, Any], module: str = "") -> Path:
    """Write a config, and the person's module beside it, which replaces the one that the test before had loaded."""
    if module:
        sys.modules.pop("own", None)
        (folder / "own.py").write_text(module)
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return path


def check(folder: Path, config: dict[str, Any], module: str = "", *, seed: int | None = None) -> tuple[Finding, ...]:
    """Return what is found of the config, its data and the untrained network, the most probable cause first."""
    path = write(folder, _seeded(config, seed), module)
    return check_config(path, data=True, start=True, logbook=str(folder / "book")).findings


def run(folder: Path, config: dict[str, Any], module: str = "", *, seed: int | None = None) -> RunRecord:
    """Train, whatever is found, and return the run; its `findings` are in rank order."""
    path = write(folder, _seeded(config, seed), module)
    outcome = run_config(RunRequest(config=path, logbook=str(folder / "book"), force=True, again=True), Silent())
    assert outcome.runs, outcome.refused
    return outcome.runs[-1]


def _seeded(config: dict[str, Any], seed: int | None) -> dict[str, Any]:
    return config if seed is None else {**config, "training": {**config.get("training", {}), "seed": seed}}


def start_record(folder: Path, config: dict[str, Any], module: str = "") -> StartRecord:
    """Return what is measured of the untrained network."""
    from logbook.training.trainer import start_record as measure

    write(folder, config, module)
    whole = RunConfig.model_validate_json(json.dumps(config))
    examples, _, _ = load_examples(whole, folder)
    return measure(build(whole, folder, examples, folder / "book"))


def loud(findings: Iterable[Finding]) -> list[str]:
    """Return the names of warnings and errors, in the order of the findings; for messages see `told`."""
    return [finding.name for finding in findings if finding.severity != "note"]


def told(findings: Iterable[Finding]) -> list[str]:
    """Return a line for each warning and error, to be read where an assertion fails."""
    return [f"{found.code} {found.name}: {found.message}" for found in findings if found.severity != "note"]


class Silent:
    """Progress that nobody reads."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None
