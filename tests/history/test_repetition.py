"""What is said of a run that was made again: losses the same, nearly, different, or not to be compared."""

from __future__ import annotations

import math
from typing import Any

import pytest

from logbook.history.repetition import compare_losses, repetition
from logbook_schemas.records.provenance import EnvironmentRecord
from logbook_schemas.records.reruns import CodePlace
from logbook_schemas.records.runs import RunRecord
from tests.history.records import code, data_record, digits, run

NAN = float("nan")
PLACE = CodePlace(kind="commit", commit="c" * 40)


def told(past: RunRecord, now: RunRecord, **how: Any) -> Any:
    return repetition(past, now, place=PLACE, blobs=how.pop("blobs", {}), **how)


@pytest.mark.parametrize(
    ("then", "now", "verdict", "identical", "within"),
    [
        ((0.5, 0.3), (0.5, 0.3), "identical", 2, 2),
        ((0.5, NAN), (0.5, NAN), "identical", 2, 2),
        ((0.5, None), (0.5, None), "identical", 2, 2),
        ((0.5, math.inf), (0.5, math.inf), "identical", 2, 2),
        ((0.0, 0.3), (-0.0, 0.3), "within-tolerance", 0, 2),
        ((0.5, 0.3), (0.5, 0.3 * (1 + 9e-5)), "within-tolerance", 1, 2),
        ((0.5, 0.3), (0.5 * (1 + 9e-5), 0.3), "within-tolerance", 0, 2),
        ((0.5, 0.3), (0.5, 0.3 * (1 + 2e-4)), "different", 1, 1),
        ((0.5, 0.3), (0.5, NAN), "different", 1, 1),
        ((0.5, 0.3), (None, 0.3), "different", 0, 0),
        ((0.5, math.inf), (0.5, -math.inf), "different", 1, 1),
        ((0.0, 0.3), (1e-300, 0.3), "different", 0, 0),
    ],
)
def test_losses_are_compared_epoch_by_epoch(then: Any, now: Any, verdict: str, identical: int, within: int) -> None:
    found = compare_losses(run(1, losses=then), run(2, losses=now))
    assert (found.verdict, found.identical_through, found.within_through) == (verdict, identical, within)
    assert (found.first is None) is (verdict != "different")


def test_the_largest_difference_is_of_the_epochs_within_the_tolerance() -> None:
    found = compare_losses(run(1, losses=(1.0, 1.0, 1.0)), run(2, losses=(1.0, 1 + 5e-5, 3.0)))
    assert found.largest == pytest.approx(5e-5, rel=1e-3)
    assert (found.first.epoch, found.first.then, found.first.now) == (3, 0.5, 1.5)


@pytest.mark.parametrize(
    ("then", "now", "same", "said"),
    [
        (("finished", 3), ("finished", 3), True, "identical to the bit through epoch 3"),
        (("crashed", 2), ("finished", 3), True, "identical to the bit through epoch 2"),
        (("interrupted", 2), ("early-stopped", 3), True, "identical to the bit through epoch 2"),
        (("failed", 2), ("finished", 3), True, "identical to the bit through epoch 2"),
        (("diverged", 3), ("diverged", 3), True, "identical to the bit through epoch 3"),
        (("failed", 2), ("failed", 2), True, "identical to the bit through epoch 2"),
        (("finished", 3), ("interrupted", 2), False, "through epoch 2; r2 is interrupted"),
        (("finished", 3), ("failed", 2), False, "through epoch 2; r2 failed"),
        (("interrupted", 2), ("interrupted", 2), False, "identical to the bit through epoch 2"),
        (("finished", 3), ("early-stopped", 2), False, "r1 has 3 epochs, r2 2"),
        (("early-stopped", 2), ("finished", 3), False, "r1 has 2 epochs, r2 3"),
        (("crashed", 3), ("early-stopped", 2), False, "r1 has 3 epochs, r2 2"),
        (("crashed", 0), ("finished", 3), False, "can't be compared: r1 was crashed after 0 epochs"),
    ],
)
def test_a_run_that_was_broken_off_is_compared_as_far_as_it_came(then: Any, now: Any, same: bool, said: str) -> None:
    losses = (0.5, 0.3, 0.4)
    past, again = (
        run(number, status=status, losses=losses[:count]) for number, (status, count) in ((1, then), (2, now))
    )
    document = told(past, again)
    assert document.same is same
    assert document.exit_status == (0 if same else 1)
    assert said in document.sentence
    assert document.sentence.startswith("r2 is a rerun of r1: ")


def test_where_the_clock_ends_a_training_the_number_of_epochs_says_nothing() -> None:
    config = digits(training={"time_limit": 2.0})
    past, now = run(1, config=config, losses=(0.5, 0.3, 0.4)), run(2, config=config, losses=(0.5, 0.3))
    document = told(past, now)
    assert document.same
    assert document.losses.reason == "r1 has 3 epochs, r2 2: training.time_limit ends them"


def test_what_differs_is_named() -> None:
    past = run(1, source=code(net="x = 1", gone="y")[0], data=data_record("aa"))
    now = run(2, source=code(net="x = 2", new="z")[0], data=data_record("bb"), python="3.12.1", host="there")
    document = told(past, now)
    assert document.code.verdict == "different"
    assert {(file.path, file.kind) for file in document.code.files} == {
        ("net.py", "changed"),
        ("gone.py", "removed"),
        ("new.py", "added"),
    }
    assert document.data.verdict == "different"
    assert [(change.path, change.left, change.right) for change in document.environment] == [
        ("python", "3.11.7", "3.12.1")
    ]
    assert told(run(1, data=data_record(method="files")), run(2)).data.verdict == "unknown"


def test_a_file_that_a_failed_rerun_did_not_come_to_load_is_no_difference() -> None:
    past = run(1, source=code(net="x = 1", parts="y")[0])
    failed = run(2, losses=(), status="failed", source=code(net="x = 1")[0])
    assert told(past, failed).code.verdict == "unknown"
    assert told(past, failed).code.files == ()
    changed = told(past, run(2, losses=(), status="failed", source=code(net="x = 2")[0])).code
    assert (changed.verdict, [file.path for file in changed.files]) == ("different", ["net.py"])
    assert told(past, run(2, source=code(net="x = 1")[0])).code.files[0].kind == "removed"


def test_a_hash_seed_that_was_not_set_is_named_where_losses_differ() -> None:
    past = run(1, losses=(0.5,))
    assert "PYTHONHASHSEED" in told(past, run(2, losses=(0.6,))).remarks[0]
    assert told(past, run(2, losses=(0.5,))).remarks == ()


def test_packages_are_told_by_name_those_that_were_loaded_first() -> None:
    lists = {"a" * 64: b"abacus==1\nnumpy==2.3\nold==1\n", "b" * 64: b"abacus==2\nnew==1\nnumpy==2.4\n"}
    past, now = (with_packages(run(number), blob) for number, blob in ((1, "a" * 64), (2, "b" * 64)))
    found = told(past, now, blobs=lists).packages
    assert [(one.name, one.then, one.now, one.loaded) for one in found] == [
        ("numpy", "2.3", "2.4", True),
        ("abacus", "1", "2", False),
        ("new", None, "1", False),
        ("old", "1", None, False),
    ]
    assert told(past, past, blobs=lists).packages == ()
    assert told(past, now).packages == ()  # without the lists: of what both loaded nothing has another version


def with_packages(made: RunRecord, blob: str) -> RunRecord:
    start = made.start_of_run
    assert start is not None
    environment = EnvironmentRecord(**{**dict(start.environment), "distributions_blob": blob})
    loaded = start.code.model_copy(update={"packages": {"NumPy": "2.3"}})
    return made.model_copy(
        update={"start_of_run": start.model_copy(update={"environment": environment, "code": loaded})}
    )
