"""The most probable cause comes first."""

import pytest

from logbook_schemas.checklist.catalogue import RULES, judge_moment
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, start
from logbook_schemas.checklist.rule import rank
from logbook_schemas.records.findings import MOMENTS
from logbook_schemas.records.measures import ArrayRecord
from tests.schemas.checklist.judging import finding


def order(*findings):
    return [found.code for found in rank(findings)]


def all_findings(known):
    return rank([found for moment in MOMENTS for found in judge_moment(known, moment)])


def test_graver_findings_come_first():
    assert order(finding("A", "note"), finding("B", "error"), finding("C")) == ["B", "C", "A"]


def test_the_earlier_moment_comes_first_among_equals():
    assert order(finding("A", moment="end"), finding("B", moment="data"), finding("C")) == ["C", "B", "A"]


def test_a_warning_that_explains_an_error_comes_before_it():
    ranked = rank([finding("T", "error", moment="end"), finding("L", explains=("t",))])
    assert [found.code for found in ranked] == ["L", "T"]
    assert ranked[1].explained_by == "L"
    assert ranked[0].explained_by is None


def test_a_cause_of_an_error_comes_before_a_warning_that_explains_nothing():
    assert order(finding("A"), finding("L", "note", explains=("t",)), finding("T", "error", moment="end")) == [
        "L",
        "T",
        "A",
    ]


def test_a_cause_weighs_as_much_as_what_it_explains_at_two_removes():
    found = [finding("A"), finding("C", "error"), finding("B", explains=("c",)), finding("Z", "note", explains=("b",))]
    assert order(*found) == ["Z", "B", "C", "A"]


def test_an_unexplained_error_comes_before_an_explained_one():
    found = [finding("T", "error"), finding("L", explains=("t",)), finding("X", "error", moment="end")]
    assert order(*found) == ["X", "L", "T"]


def test_an_ignored_finding_comes_last_and_explains_nothing():
    ranked = rank([finding("L", "error", explains=("t",), ignored="on purpose"), finding("T", "note")])
    assert [found.code for found in ranked] == ["T", "L"]
    assert ranked[0].explained_by is None


def test_findings_that_explain_each_other_are_ranked_all_the_same():
    assert order(finding("A", explains=("b",)), finding("B", "error", explains=("a",))) == ["B", "A"]


def test_ranking_does_not_depend_on_the_order_of_the_findings():
    found = [finding("T", "error"), finding("L", explains=("t",)), finding("X"), finding("X", where="b")]
    assert rank(found) == rank(found[::-1])


def test_a_symptom_names_its_first_ranked_cause():
    found = [finding("D", moment="data", explains=("t",)), finding("L", "error", explains=("t",)), finding("T")]
    assert rank(found)[-1].explained_by == "L"


def test_too_high_a_rate_comes_before_the_nan_it_makes():
    known = evidence(
        config=config(optimizer={"kind": "sgd", "lr": 20.0}),
        epochs=curve([2e5], [float("nan")]),
        end=end(status="diverged", nonfinite_step=50, nonfinite_epoch=2),
    )
    assert [found.name for found in all_findings(known) if found.severity != "note"] == [
        "learning-rate-out-of-bounds",
        "nonfinite-loss",
        "diverging-loss",
    ]


def test_raw_inputs_come_before_the_initial_loss_and_the_stuck_loss():
    raw = data(inputs=ArrayRecord(mean=69.0, std=215.0, min=0.1, max=1680.0, quantile_995=1310.0))
    known = evidence(
        data=raw, start=start(initial_loss=310.0), epochs=curve([2.31] * 12, [2.31] * 12, metrics={"accuracy": 0.1})
    )
    ranked = all_findings(known)
    assert ranked[0].name == "unscaled-inputs"
    assert {found.name for found in ranked[1:]} == {
        "implausible-initial-loss",
        "stuck-loss",
        "no-better-than-baseline",
    }
    assert {found.explained_by for found in ranked[1:]} == {"D101"}


def test_softmax_before_cross_entropy_comes_before_its_symptoms():
    known = evidence(
        config=config(model={"kind": "mlp", "output_activation": "softmax"}),
        epochs=curve([2.303] * 12, [2.303] * 12, metrics={"accuracy": 0.1}, predicted_counts=(360,) + (0,) * 9),
    )
    ranked = all_findings(known)
    assert ranked[0].name == "mismatched-output-activation"
    assert {found.name for found in ranked[1:]} == {"stuck-loss", "one-class-predictions", "no-better-than-baseline"}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.severity != "note"], ids=lambda rule: rule.code)
def test_every_bad_example_is_led_by_its_own_rule_or_by_what_explains_it(rule):
    first = all_findings(rule.bad())[0]
    assert first.name == rule.name or rule.name in first.explains


def test_too_low_a_rate_does_not_account_for_nan():
    known = evidence(config=config(optimizer={"kind": "adam", "lr": 1e-7}), end=end(nonfinite_step=3))
    assert all_findings(known)[0].name == "nonfinite-loss"
