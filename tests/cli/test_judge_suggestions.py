"""`logbook judge` suggests outcomes of runs that an older program ended without saying anything of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logbook.store import open_reader, open_writer
from logbook.store.verify import rebuild, verify
from logbook_schemas.checklist import examples
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord
from logbook_schemas.records.runs import JournalEntry
from tests.cli.test_judge import home, run
from tests.store.making import attempt, begin, derived_rows, start_of_run

__all__ = ["home"]

AT_CHANCE, LEARNT = (2.31, 0.1), (0.3, 0.92)
OVERFLOW = "loss was nan at step 4"
Ask = Callable[..., Any]


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command in the folder; returns its document where it gives one, else what it prints."""

    def answer(*words: str) -> Any:
        status, out, err = run(capsys, *words)
        assert status == 0, err
        return json.loads(out) if "--json" in words else out

    return answer


def add(
    home: Path,
    *,
    status: str = "finished",
    reason: str = "",
    reached: tuple[float, float] = AT_CHANCE,
    findings: tuple[Finding, ...] = (),
    suggestion: JournalEntry | None = None,
) -> int:
    """Record a run of ten epochs at one loss and accuracy that ended so; without a suggestion unless one is given."""
    loss, accuracy = reached
    with open_writer(home / ".logbook") as writer:
        number = begin(
            writer, examples.config(), data=examples.data(), findings=findings, start=start_of_run(seed=0)
        ).number
        for epoch in examples.curve([loss] * 10, [loss] * 10, metrics={"accuracy": accuracy}):
            writer.append_epoch(number, 1, epoch)
        end = EndRecord.model_validate({"status": status, "best_epoch": 1}) if status != "failed" else None
        writer.end_attempt(
            number,
            1,
            status=status,  # type: ignore[arg-type]
            reason=reason,
            end=end,
            suggestion=suggestion,
        )
    return number


def suggested(reason: str) -> JournalEntry:
    return JournalEntry(kind="suggestion", text="dead-end", reason=reason, author="logbook")


def verdict(home: Path, number: int = 1) -> tuple[str | None, str, str | None]:
    with open_reader(home / ".logbook") as reader:
        summary = reader.summary(number)
    return summary.outcome, summary.outcome_reason, summary.outcome_by


def entries(home: Path, number: int = 1) -> list[tuple[str, str, str]]:
    with open_reader(home / ".logbook") as reader:
        return [(entry.kind, entry.text, entry.author) for entry in reader.journal(number)]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ({"status": "diverged", "reason": OVERFLOW}, f"diverged: {OVERFLOW}"),
        ({"status": "finished"}, "never better than always giving the same answer"),
        ({"status": "early-stopped"}, "never better than always giving the same answer"),
    ],
)
def test_a_run_that_ended_as_a_dead_end_is_suggested_as_one(home, ask, ended, expected):
    number = add(home, **ended)
    assert verdict(home) == (None, "", None)
    told = ask("judge", "--all", "--json")
    (change,) = [one["suggestion"] for one in told["runs"]]
    assert (told["suggested"], told["taken_back"], change["before"]) == (1, 0, None)
    assert change["after"]["outcome"] == "dead-end"
    assert change["after"]["reason"].startswith(expected)
    assert verdict(home) == ("dead-end", change["after"]["reason"], "logbook")
    assert entries(home) == [("suggestion", "dead-end", "logbook")]
    assert [one["id"] for one in ask("search", "outcome:dead-end outcome_by:logbook", "--json")["runs"]] == ["r1"]
    assert "dead-end?" in ask("ls")
    assert verify(home / ".logbook") == []
    with open_reader(home / ".logbook") as reader:
        before = derived_rows(reader)
    rebuild(home / ".logbook")
    with open_reader(home / ".logbook") as reader:
        assert derived_rows(reader) == before
    assert number == 1


def test_it_says_so_and_a_second_time_nothing_is_new(home, ask):
    add(home, status="diverged", reason=OVERFLOW)
    dry = ask("judge", "r1", "--dry-run")
    assert f"  outcome dead-end?: diverged: {OVERFLOW}" in dry
    assert ", 1 outcome suggested (dry run: nothing was recorded)" in dry
    assert entries(home) == []
    assert ask("judge", "r1").splitlines()[:-1] == dry.splitlines()[:-1]
    assert "nothing new" in ask("judge", "r1")
    assert len(entries(home)) == 1


def test_where_findings_are_as_before_the_suggestion_alone_is_recorded(home, ask):
    add(home, status="diverged", reason=OVERFLOW)
    ask("judge", "r1")
    with open_writer(home / ".logbook") as writer:
        again = writer.begin_attempt(1, attempt(resumed_from=10))
        writer.end_attempt(1, again, status="diverged", reason=OVERFLOW, end=EndRecord(status="diverged"))
    assert verdict(home) == (None, "", None)
    told = ask("judge", "r1", "--json")
    assert (told["new"], told["changed"], told["gone"], told["suggested"]) == (0, 0, 0, 1)
    assert told["runs"][0]["judgement"] is None
    assert verdict(home)[0] == "dead-end"
    with open_reader(home / ".logbook") as reader:
        assert len(reader.judgements(1)) == 1


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_nothing_is_suggested_of_a_run_that_did_not_end_by_itself(home, ask, status):
    add(home, status=status, reason="SIGTERM")
    assert ask("judge", "r1", "--json")["suggested"] == 0
    assert entries(home) == []


def test_nothing_is_suggested_of_a_run_that_learnt(home, ask):
    add(home, reached=LEARNT)
    assert ask("judge", "r1", "--json")["suggested"] == 0
    assert verdict(home) == (None, "", None)


def test_nothing_is_suggested_where_a_person_has_spoken(home, ask):
    add(home, status="diverged", reason=OVERFLOW)
    ask("outcome", "r1", "promising", "--because", "nearly")
    assert ask("judge", "r1", "--json")["suggested"] == 0
    assert verdict(home) == ("promising", "nearly", "person")
    assert entries(home)[1:] == []


def test_a_suggestion_that_no_longer_holds_is_taken_back(home, ask):
    add(home, reached=LEARNT, suggestion=suggested("never better than chance"))
    assert verdict(home)[0] == "dead-end"
    told = ask("judge", "r1", "--dry-run", "--json")
    assert (told["suggested"], told["taken_back"]) == (0, 1)
    assert told["runs"][0]["suggestion"] == {
        "before": {"outcome": "dead-end", "reason": "never better than chance"},
        "after": None,
    }
    said = ask("judge", "r1")
    assert "  outcome dead-end? taken back: never better than chance" in said
    assert ", 1 outcome taken back" in said
    assert verdict(home) == (None, "", None)
    assert [text for _, text, _ in entries(home)] == ["dead-end", ""]
    assert ask("search", "outcome:dead-end", "--json")["runs"] == []
    assert "suggestion: taken back because it no longer holds" in ask("show", "r1", "--full")
    assert "nothing new" in ask("judge", "r1")
    assert verify(home / ".logbook") == []


def test_a_suggestion_for_another_reason_is_said_anew(home, ask):
    add(home, status="diverged", reason=OVERFLOW, suggestion=suggested("diverged"))
    told = ask("judge", "r1", "--json")
    assert (told["suggested"], told["runs"][0]["suggestion"]["before"]["reason"]) == (1, "diverged")
    assert verdict(home)[1].startswith(f"diverged: {OVERFLOW}")


@pytest.mark.parametrize(("severity", "count"), [("error", 1), ("warning", 0)])
def test_an_error_that_stopped_a_run_still_makes_it_one(home, ask, severity, count):
    stopper = Finding(code="G999", name="gone-mad", severity=severity, moment="epoch", message="It went mad.")
    add(home, status="failed", reason="stopped by --strict: G999 gone-mad: It went mad.", findings=(stopper,))
    told = ask("judge", "r1", "--rule", "D101", "--json")  # which leaves the findings of other rules as they are
    assert told["suggested"] == count
    assert verdict(home)[1].startswith("stopped by G999 gone-mad: It went mad" if count else "")
    ask("judge", "r1")  # by all rules: what stopped it is no rule of today
    assert verdict(home) == (None, "", None)
