"""Which way a number is better."""

from __future__ import annotations

import pytest

from logbook_schemas.config.metrics import direction


@pytest.mark.parametrize(
    ("name", "modes", "expected"),
    [
        ("val_loss", None, "min"),
        ("rmse", {}, "min"),
        ("accuracy", {}, "max"),
        ("distance", {}, "max"),  # a person's own, of which nothing is known
        ("distance", {"distance": "min"}, "min"),
        ("mae", {"mae": "max"}, "max"),  # a person's own of that name: what was recorded stands
    ],
)
def test_what_was_recorded_stands_over_what_is_usual(name, modes, expected):
    assert direction(name, modes) == expected
