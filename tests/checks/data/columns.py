"""Made-up tables, clean and faulty, as a person's data function hands them over, and what is found of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logbook.gates import check
from logbook_schemas.records.findings import Finding
from tests.checks import programs

Table = NDArray[Any]

RAW: dict[str, Any] = {
    "name": "table",
    "task": "classification",
    "data": {"source": programs.own("data"), "inputs": []},
    "model": {"kind": "mlp", "hidden": [8]},
    "training": {"epochs": 2, "batch_size": 32, "device": "cpu"},
}
MODULE = """
import numpy as np

def data():
    kept = np.load(__file__.replace("own.py", "table.npz"))
    split = {name.split("/")[0] for name in kept.files}
    found = {name: (kept[name + "/x"], kept[name + "/y"]) for name in split}
    return found.get("all") or found
"""


def table(seed: int = 0, *, rows: int = 400, columns: int = 5) -> tuple[Table, Table]:
    """Return normal inputs and three classes that follow from them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns))
    return x, np.digitize(x[:, 0], [-0.4, 0.4])


def config(*steps: Any, **rest: Any) -> dict[str, Any]:
    """Return the config of such a table with these steps of preparation."""
    data = {"source": programs.own("data"), "inputs": list(steps), **rest.pop("data", {})}
    return {**RAW, "data": data, **rest}


def save(folder: Path, **splits: tuple[Table, Table]) -> None:
    """Write the arrays of the splits, `all` where they aren't split."""
    arrays = {f"{name}/{part}": array for name, pair in splits.items() for part, array in zip("xy", pair, strict=True)}
    np.savez(folder / "table.npz", **arrays)


def found(folder: Path, settings: dict[str, Any], **splits: tuple[Table, Table]) -> tuple[Finding, ...]:
    """Return the findings of the data moment, in rank order."""
    save(folder, **splits)
    report = check(programs.write(folder, settings, MODULE), data=True, logbook=str(folder / "book"))
    return tuple(one for one in report.findings if one.moment == "data")


def severities(findings: tuple[Finding, ...]) -> dict[str, str]:
    """Return the gravest severity of each rule."""
    return {one.name: one.severity for one in reversed(findings)}
