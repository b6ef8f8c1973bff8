"""A whole run judged at once says what judging it moment by moment said, at the same epochs."""

from dataclasses import replace

import pytest

from logbook_schemas.checklist.catalogue import RULES, judge_moment
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, past
from logbook_schemas.checklist.replay import judge_run, known_moments
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.measures import ArrayRecord, EpochRecord

PARTS = {"config": None, "data": None, "start": None, "epochs": (), "end": None, "history": None}


def moment_by_moment(known):
    """Judge as a training does: each moment with what is known by then, epochs one by one, repeats left out."""
    at = [("config", Evidence(config=known.config, history=known.history))]
    later = Evidence(config=known.config, data=known.data)
    at += [("data", later)] if known.data else []
    later = replace(later, start=known.start)
    at += [("start", later)] if known.start else []
    at += [("epoch", replace(later, epochs=known.epochs[: n + 1])) for n in range(len(known.epochs))]
    at += [("end", replace(later, epochs=known.epochs, end=known.end))] if known.end else []
    found = {}
    for moment, then in at:
        for one in judge_moment(then, moment):
            found.setdefault((one.code, one.where), one)
    return found


def told(findings):
    return {one.code + one.where: (one.severity, one.message, one.epoch, one.ignored) for one in findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_run_judged_at_once_is_judged_as_it_went(rule):
    known = rule.bad()
    assert told(judge_run(RULES, known)) == told(moment_by_moment(known).values())


def test_a_finding_of_an_epoch_names_the_first_at_which_it_fires():
    known = evidence(epochs=curve([2.31] * 30, [2.31] * 30, metrics={"accuracy": 0.1}), end=None)
    (stuck,) = [one for one in judge_run(RULES, known) if one.name == "stuck-loss"]
    (before,) = [one for one in judge_run(RULES, replace(known, epochs=known.epochs[: stuck.epoch])) if one == stuck]
    assert before.epoch == stuck.epoch < 30
    shorter = judge_run(RULES, replace(known, epochs=known.epochs[: stuck.epoch - 1]))
    assert "stuck-loss" not in {one.name for one in shorter}


def test_reasons_severities_and_thresholds_of_the_config_hold():
    checks = {
        "ignore": {"T101": "on purpose"},
        "severity": {"d101": "note"},
        "thresholds": {"unscaled-inputs": {"largest": 1.0}},
    }
    raw = data(inputs=ArrayRecord(mean=6.9, std=7.5, min=0.1, max=16.0, quantile_995=15.0))
    known = evidence(
        data=raw,
        config=config(checks=checks),
        epochs=curve([0.5, float("nan")], [0.5, float("nan")]),
        end=end(nonfinite_epoch=2),
    )
    found = {one.code: one for one in judge_run(RULES, known)}
    assert found["T101"].ignored == "on purpose"
    assert found["D101"].settings == {"severity": "note", "largest": 1.0}
    assert found["D101"].severity == "note"


def test_the_past_is_told_to_the_config_moment_alone():
    found = judge_run(RULES, evidence(history=past(outcome="dead-end")))
    assert [one.moment for one in found if one.code.startswith("H")] == ["config"]


def test_only_the_moments_that_the_records_reach_are_judged():
    assert known_moments(Evidence()) == ()
    assert known_moments(Evidence(epochs=(EpochRecord(epoch=1),))) == ("epoch",)
    assert known_moments(evidence()) == ("config", "data", "start", "epoch", "end")


def test_a_rule_that_raises_is_a_note_and_stops_nothing():
    def raises(known, at):
        raise ZeroDivisionError("no rows")

    for moment in ("config", "epoch"):
        broken = replace(RULES[0], check=raises, moment=moment)
        found = judge_run([broken, *RULES], evidence())
        notes = [one for one in found if one.where == "the rule itself"]
        assert [(one.code, one.severity) for one in notes] == [(broken.code, "note")]
        assert "ZeroDivisionError: no rows" in notes[0].message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_bears_records_that_lack_a_part(rule):
    assert list(rule.judge(Evidence())) == []
    for name, nothing in PARTS.items():
        list(rule.judge(replace(rule.bad(), **{name: nothing})))
