"""Real configs, real files: a test says what differs from the smallest config that loads."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logbook.training.data import LoadedData, load_data, probe_data
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord

_numbers = itertools.count()


def make_config(source: dict[str, Any], *, task: str | None = None, **rest: Any) -> RunConfig:
    data = {key: rest.pop(key) for key in ("split", "inputs", "targets", "balance", "augment") if key in rest}
    raw = {"name": "test", "data": {"source": source, **data}, **rest}
    return RunConfig.model_validate(raw if task is None else raw | {"task": task})


@pytest.fixture
def config() -> Callable[..., RunConfig]:
    return make_config


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LoadedData]:
    """Load the data of `make_config(...)` from the test's own folder."""
    return lambda source, **rest: load_data(make_config(source, **rest), tmp_path)


@pytest.fixture
def probe(tmp_path: Path) -> Callable[..., DataRecord]:
    """Load and measure the data of `make_config(...)`."""

    def measure(source: dict[str, Any], **rest: Any) -> DataRecord:
        config = make_config(source, **rest)
        return probe_data(load_data(config, tmp_path), config)[0]

    return measure


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Write a person's module with a function `data`, and return the source that names it."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(code: str) -> dict[str, Any]:
        name = f"persons_data_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text("import numpy as np\nimport torch\n" + code)
        return {"kind": "python", "target": f"{name}:data"}

    return write
