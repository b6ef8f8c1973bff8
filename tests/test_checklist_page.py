"""The page of the checklist: all 229 rows, none forgotten, none that says rule without one, every place real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.config_places import find_place
from docs.make_checklist import KINDS, read_contradictions, read_rows
from logbook_schemas.checklist.catalogue import RULES
from logbook_schemas.config.json_schema import config_schema

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/checklist.md").read_text(encoding="utf-8")
ROWS_OF = {"S0": 58, "S1": 45, "S2": 39, "S3": 33, "S4": 54}
CONTRADICTIONS = 24


def test_the_page_is_current() -> None:
    check = [sys.executable, str(ROOT / "docs/make_checklist.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_row_of_the_guides_is_forgotten() -> None:
    rows = [row.id for row in read_rows()]
    assert rows == [f"{guide}-{number:02d}" for guide, last in ROWS_OF.items() for number in range(1, last + 1)]
    assert len(rows) == 229
    for row in rows:
        assert PAGE.count(f"\n| {row} | ") == 1
    assert list(read_contradictions()) == [f"C{number}" for number in range(1, CONTRADICTIONS + 1)]


def test_a_row_is_what_it_says_or_waits_for_its_rule() -> None:
    for row in read_rows():
        assert row.kind in KINDS
        assert row.advice
        if row.kind == "rule":
            assert row.rules or row.is_awaited, f"{row.id} says rule, and no rule cites it"
        elif row.kind == "default":
            assert row.why or row.defaults or row.places, f"{row.id} says default, and nothing holds it"
        else:
            assert row.why, f"{row.id} is no rule, and nothing says why"


def test_every_row_that_a_rule_or_a_default_cites_exists() -> None:
    known = {row.id for row in read_rows()} | set(read_contradictions())
    cited = {row for rule in RULES for row in re.findall(r"S\d-\d\d|C\d+", rule.source)}
    schema = str(config_schema())
    assert cited <= known
    assert set(re.findall(r"S\d-\d\d", schema)) <= known
    assert len(cited) > 100


def test_every_rule_stands_on_the_page_with_its_moment_and_severity() -> None:
    for rule in RULES:
        [line] = [line for line in PAGE.splitlines() if f'id="{rule.code.lower()}"' in line]
        for word in (rule.code, f"[{rule.name}]", f"| {rule.moment} | {rule.severity} |", rule.title):
            assert word in line
    for anchor in re.findall(r"\]\(#(\w+)\)", PAGE):
        assert f'<a id="{anchor}">' in PAGE or f"## {anchor.capitalize()}\n" in PAGE, anchor


def test_every_contradiction_says_how_it_is_resolved() -> None:
    for row, entry in read_contradictions().items():
        assert all(entry[key] for key in ("topic", "views", "default", "rules", "places")), row


def test_a_place_that_does_not_exist_is_an_error() -> None:
    schema = config_schema()
    assert find_place(schema, "optimizer: adam.lr")["type"] == "number"
    for place in ("optimizer: adm", "optimizer: adam.lrr", "trainig", "model: mlp.activation: relu6"):
        with pytest.raises(LookupError):
            find_place(schema, place)


def test_no_optimizer_is_missing_from_the_places() -> None:
    """What can be said was named by a guide, or stands below with the reason why it is there all the same."""
    said = " ".join(place for row in read_rows() for place in row.places)
    neutral = {"python", "none", "default", "standard"}
    optimizers = {
        section["properties"]["kind"]["const"]
        for section in config_schema()["$defs"].values()
        if "lr" in section.get("properties", {}) and "kind" in section["properties"]
    }
    assert {kind for kind in optimizers - neutral if f"optimizer: {kind}" not in said} <= {"contrastive-divergence"}
