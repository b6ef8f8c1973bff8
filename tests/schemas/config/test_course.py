"""The course of a training: batch sizes and steps, epoch by epoch, against counting them one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook_schemas.config.course import Course
from logbook_schemas.config.run import RunConfig


def config_of(training: dict[str, Any], gradients: dict[str, Any] | None = None) -> RunConfig:
    raw = {"name": "a", "data": {"source": {"kind": "synthetic", "pattern": "blobs"}}, "training": training}
    return RunConfig.model_validate_json(json.dumps({**raw, "gradients": gradients or {}}))


def test_a_batch_size_doubles_until_it_reaches_its_most() -> None:
    growing = {"kind": "step", "every": 2, "factor": 2.0, "max": 100}
    course = Course.of(config_of({"epochs": 9, "batch_size": 32, "batch_schedule": growing}), 1000)
    assert [course.batch_size(epoch) for epoch in range(9)] == [32, 32, 64, 64, 100, 100, 100, 100, 100]
    assert [course.steps_of(epoch) for epoch in range(9)] == [32, 32, 16, 16, 10, 10, 10, 10, 10]
    assert course.steps == 146


def test_a_batch_size_may_shrink_to_one_row() -> None:
    shrinking = {"kind": "step", "every": 1, "factor": 0.25}
    course = Course.of(config_of({"epochs": 5, "batch_size": 20, "batch_schedule": shrinking}), 100)
    assert [course.batch_size(epoch) for epoch in range(5)] == [20, 5, 1, 1, 1]


def test_all_is_one_batch_of_every_row() -> None:
    course = Course.of(config_of({"epochs": 3, "batch_size": "all"}), 777)
    assert (course.batch_size(2), course.steps_of(2), course.steps) == (777, 1, 3)


def test_a_limit_on_steps_cuts_the_last_epoch_short() -> None:
    course = Course.of(config_of({"steps": 25, "batch_size": 10}), 100)
    assert (course.epochs, course.steps) == (3, 25)
    assert [course.steps_of(epoch) for epoch in range(3)] == [10, 10, 5]


def test_epochs_that_are_through_before_the_steps_end_the_training() -> None:
    course = Course.of(config_of({"epochs": 2, "steps": 25, "batch_size": 10}), 100)
    assert (course.epochs, course.steps) == (2, 20)


@pytest.mark.parametrize(("accumulation", "updates", "steps"), [(1, 1, 11), (4, 1, 3), (1, 3, 33), (4, 3, 9)])
def test_accumulation_divides_the_steps_and_updates_multiply_them(accumulation: int, updates: int, steps: int) -> None:
    training = {"epochs": 1, "batch_size": 10, "updates_per_batch": updates}
    assert Course.of(config_of(training, {"accumulation": accumulation}), 105).steps == steps


@given(
    rows=st.integers(2, 300),
    epochs=st.integers(1, 30),
    batch=st.integers(1, 64),
    every=st.integers(1, 5),
    factor=st.floats(0.2, 4.0),
    limit=st.one_of(st.none(), st.integers(1, 500)),
)
def test_steps_and_epochs_agree_with_counting(
    rows: int, epochs: int, batch: int, every: int, factor: float, limit: int | None
) -> None:
    schedule = {"kind": "step", "every": every, "factor": factor, "max": 64}
    training = {"epochs": epochs, "batch_size": batch, "batch_schedule": schedule, "steps": limit}
    course = Course.of(config_of(training), rows)
    belongs = [epoch for epoch in range(course.epochs) for _ in range(course.steps_of(epoch))]
    assert len(belongs) == course.steps
    assert [course.epoch_of(step) for step in range(course.steps)] == belongs
    assert all(1 <= course.batch_size(epoch) <= min(64, rows) for epoch in range(course.epochs))
    assert course.epochs == epochs or course.steps == limit
