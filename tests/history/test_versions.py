"""What a version changed, in words."""

from __future__ import annotations

from logbook.history.versions import describe_changes, effective_changes
from tests.history.records import digits


def test_what_went_with_the_old_kind_is_not_told() -> None:
    normalized = digits(model={"kind": "mlp", "hidden": [8], "normalization": "batch"})
    plain = digits(model={"kind": "mlp", "hidden": [8]})
    assert describe_changes(effective_changes(normalized, plain)) == "model.normalization.kind batch → none"


def test_a_kind_comes_before_what_is_new_with_it() -> None:
    stepped = digits(schedule={"kind": "step", "step_size": 2})
    assert describe_changes(effective_changes(digits(), stepped)) == (
        "schedule.kind constant → step, + schedule.step_size 2, + schedule.gamma 0.1"
    )


def test_many_changes_are_counted() -> None:
    other = digits(
        optimizer={"kind": "adam", "lr": 0.1, "beta1": 0.5, "beta2": 0.9},
        training={"epochs": 3, "batch_size": 8, "early_stopping": {"patience": 5}},
    )
    assert describe_changes(effective_changes(digits(), other)).count(", and ") == 1
