"""Configs of older formats are read as today's; a test format stands for the one that comes next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.config.formats import FORMAT, MIGRATIONS, upgraded

STORED = json.loads((Path(__file__).parent / "assets" / "configs.v1.json").read_text())


def rename_lr(config: dict[str, Any]) -> dict[str, Any]:
    optimizer = {("rate" if key == "lr" else key): value for key, value in config["optimizer"].items()}
    return {**config, "optimizer": optimizer}


def drop_tags(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key != "tags"}


def test_every_format_before_todays_has_a_way_on_and_an_example() -> None:
    assert set(MIGRATIONS) == set(range(1, FORMAT))
    assert len(STORED) > 0


def test_steps_are_taken_in_order_and_leave_the_original_alone() -> None:
    old = {"format": 1, "optimizer": {"kind": "adam", "lr": 0.1}, "tags": []}
    before = json.dumps(old)
    new = upgraded(old, migrations={1: rename_lr, 2: drop_tags}, to=3)
    assert new == {"format": 3, "optimizer": {"kind": "adam", "rate": 0.1}}
    assert json.dumps(old) == before


def test_a_config_of_today_is_left_as_it_is() -> None:
    config = {"format": FORMAT, "name": "x"}
    assert upgraded(config) == config
    assert upgraded({"name": "x"}) == {"name": "x"}  # an absent format means 1


@pytest.mark.parametrize("found", [FORMAT + 1, 0, "1", None])
def test_a_format_that_this_release_does_not_know_is_said(found: object) -> None:
    with pytest.raises(ValueError, match="reads formats"):
        upgraded({"format": found})
