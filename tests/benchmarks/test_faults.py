"""The benchmark of faults: its programs are valid, its answers exist, and its harness counts what it says it counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.faults import bases
from benchmarks.faults.catalogue import PROGRAMS
from benchmarks.faults.kinds import KINDS
from benchmarks.faults.program import ABSENT, Program, edited
from benchmarks.faults.report import section
from benchmarks.faults.run import Found, Result, result_key, run_config
from benchmarks.faults.score import Score, score_program, total
from benchmarks.page import read_sections, write_section
from logbook.configs import load_config
from logbook_schemas.checklist.catalogue import RULES
from logbook_schemas.checklist.symptoms import EXPLODING, NOT_LEARNING

FAMILIES = Path(__file__).parents[2] / "benchmarks" / "faults"


def test_every_config_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    for program in PROGRAMS:
        for config in (program.twin, program.faulty):
            file.write_text(json.dumps({"name": program.id, **config}))
            assert load_config(file).config.name == program.id


def test_ids_are_unique_and_each_fault_changes_its_twin() -> None:
    assert len({program.id for program in PROGRAMS}) == len(PROGRAMS) >= 70
    assert not [program.id for program in PROGRAMS if program.faulty == program.twin]


def test_enough_are_held_out_and_many_are_own_code() -> None:
    # A number, no share: programs that are tuned on come and go, and nobody adds to the others for their sake.
    assert sum(program.hand == "held-out" for program in PROGRAMS) >= 65
    assert sum(program.is_own_code for program in PROGRAMS) >= 30


def test_every_kind_has_programs_and_its_answers_name_rules() -> None:
    assert {program.kind for program in PROGRAMS} == set(KINDS)
    assert all(KINDS.values())
    unknown = set.union(*map(set, KINDS.values())) - {rule.name for rule in RULES}
    if len(RULES) < 60:
        pytest.skip(f"the checklist is being written; not there yet: {', '.join(sorted(unknown))}")
    assert not unknown


def test_no_answer_is_a_mere_symptom() -> None:
    symptoms = {"nonfinite-loss", "diverging-loss", "stuck-loss", "no-better-than-baseline", "one-class-predictions"}
    assert symptoms & {*EXPLODING, *NOT_LEARNING}
    assert not [kind for kind, answers in KINDS.items() if answers & symptoms]


def test_held_out_programs_stand_in_their_file_alone() -> None:
    files = [file for file in FAMILIES.glob("*.py") if 'hand="held-out"' in file.read_text()]
    assert [file.name for file in files] == ["held_out.py"]


def test_an_edit_sets_adds_and_takes_out() -> None:
    config = bases.digits()
    changed = edited(config, {"model.hidden": [2], "schedule.kind": "cosine", "data.limit": ABSENT})
    assert changed["model"]["hidden"] == [2]
    assert changed["schedule"] == {"kind": "cosine"}
    assert "limit" not in changed["data"]
    assert config == bases.digits()


@pytest.mark.parametrize("name", ["nonfinite", "probabilities", "own code"])
def test_real_programs_show_their_fault_and_their_twins_learn(name: str) -> None:
    wanted = {"nonfinite": "unknown-ages", "probabilities": "softmax-in-config", "own code": "head-only"}[name]
    program = next(program for program in PROGRAMS if program.id == wanted)
    results = {result_key(config, 0): run_config(config, 0) for config in (program.faulty, program.twin)}
    score = score_program(program, results, seeds=1)
    assert (score.first, score.false_alarms) == (1, 0), (score.faulty, score.twin)
    assert score.learns
    assert score.shows


def test_scores_count_what_is_first_what_is_anywhere_and_what_is_a_note() -> None:
    program = _program()
    symptom, cause = _found("stuck-loss"), _found("unscaled-inputs", moment="data")
    faulty = [
        _result(symptom, cause),
        _result(cause, symptom),
        _result(symptom, _found("unscaled-inputs", severity="note")),
        _result(),
    ]
    totals = total([Score(program, faulty, [_result(), _result(symptom), _result(), _result()])])
    assert (totals.runs, totals.detected, totals.first, totals.anywhere) == (4, 3, 1, 2)
    assert (totals.in_note, totals.false_alarms, totals.moments) == (1, 1, {"data": 2})


def test_the_page_keeps_what_others_wrote_on_it(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text("# Results\n\nratios\n")
    assert read_sections(page) == {}
    write_section(page, "every command", "a table")
    score = Score(_program(), [_result(_found("unscaled-inputs"))], [_result()])
    for when in ("today", "tomorrow"):
        write_section(page, "faults", section([score], when=when))
    text = page.read_text()
    assert read_sections(page) == {"every command": "a table", "faults": section([score], when="tomorrow")}
    assert text.startswith("# Results\n\nratios\n")
    assert (text.count("## Faults"), "tomorrow" in text, "today" in text) == (1, True, False)


def _program() -> Program:
    return Program(
        id="p", kind="unscaled-inputs", source="S0-01", twin=bases.wine(), fault={"data.inputs": []}, moment="data"
    )


def _found(name: str, *, severity: str = "warning", moment: str = "epoch") -> Found:
    return Found(name, severity, moment, "", "", None, False)


def _result(*found: Found) -> Result:
    return Result("finished", 0.9, found, 1.0)
