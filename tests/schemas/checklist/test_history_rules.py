"""Rules on the run before, at their thresholds."""

import pytest

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.records.runs import HistoryRecord, PreviousRun
from tests.schemas.checklist.judging import judged, severity_of


def after(**fields):
    return HistoryRecord(previous=PreviousRun(**{"id": "r4", "status": "finished", "depth": 2, **fields}))


def layers(depth):
    return config(model={"kind": "mlp", "hidden": [32] * depth})


@pytest.mark.parametrize(
    ("before", "depth", "severity"),
    [
        ({"status": "diverged"}, 3, "note"),
        ({"status": "diverged"}, 2, None),
        ({"outcome": "dead-end"}, 3, "note"),
        ({"outcome": "promising"}, 3, None),
        ({"status": "interrupted"}, 3, None),
        ({"status": "diverged", "depth": None}, 3, None),
    ],
    ids=str,
)
def test_depth_after_a_failure_is_noted(before, depth, severity):
    known = evidence(config=layers(depth), history=after(**before))
    assert severity_of("deeper-after-failure", known) == severity


@pytest.mark.parametrize(("changes", "severity"), [((), None), (("model",), None), (("model", "loss"), "note")])
def test_more_than_one_change_is_noted(changes, severity):
    assert severity_of("several-changes", evidence(history=after(changes=changes))) == severity


def test_the_changes_are_named():
    [found] = judged("several-changes", evidence(history=after(changes=("optimizer", "training.epochs"))))
    assert "2 settings changed since r4: optimizer, training.epochs." in found.message
