"""The table of what the guides name: every place exists, no cell is empty, every row is one of the checklist's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.make_guides import CHOICES, find_place
from logbook_schemas.checklist.guides import cite
from logbook_schemas.config.json_schema import config_schema

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_is_current() -> None:
    check = [sys.executable, str(ROOT / "docs/make_guides.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_guide_is_there_and_no_cell_is_empty() -> None:
    rows = [row for choice in CHOICES for row in choice[0].split(", ")]
    assert {row.split("-")[0] for row in rows} == {"S0", "S1", "S2", "S3", "S4"}
    assert len(rows) == len(set(rows))
    for row in rows:
        assert cite(row)
    table = [line for line in (ROOT / "docs/guides.md").read_text().splitlines() if line.startswith("| S")]
    assert len(table) == len(CHOICES)
    for line in table:
        assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]), line


def test_a_place_that_does_not_exist_is_an_error() -> None:
    schema = config_schema()
    assert find_place(schema, "optimizer: adam.lr")["type"] == "number"
    for place in ("optimizer: adm", "optimizer: adam.lrr", "trainig", "model: mlp.activation: relu6"):
        with pytest.raises(LookupError):
            find_place(schema, place)


def test_no_kind_of_a_config_is_missing_from_the_table() -> None:
    """What can be said was named by a guide, or stands below with the reason why it is there all the same."""
    said = " ".join(places for _, _, places in CHOICES)
    beyond = {
        "python", "none", "default", "standard", "random", "float32", "units", "zero", "keep",  # neutral choices
    }  # fmt: skip
    schema = config_schema()
    optimizers = {
        section["properties"]["kind"]["const"]
        for name, section in schema["$defs"].items()
        if "lr" in section.get("properties", {}) and "kind" in section["properties"]
    }
    assert {kind for kind in optimizers - beyond if f"optimizer: {kind}" not in said} <= {"contrastive-divergence"}
