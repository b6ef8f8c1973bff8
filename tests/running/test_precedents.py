"""The past warns: what was tried near a config is said before it trains, and a known dead end stops it.

Real trainings of a second each, through the command line.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from logbook.running import RunRequest, run
from logbook.store import open_reader
from logbook.store.verify import rebuild, verify
from logbook_cli.watching import TerminalProgress
from tests.running.conftest import Command, write_config

TOO_HIGH = {"optimizer": {"kind": "sgd", "lr": 1e8}, "training": {"epochs": 1, "device": "cpu"}}


@pytest.fixture
def diverged(folder: Path, logbook: Command) -> Path:
    """A folder with a run that diverged."""
    write_config(folder, TOO_HIGH)
    assert logbook("run", "cfg.json", "--force").status == 1
    return folder


def test_a_run_that_diverged_is_suggested_as_a_dead_end(diverged: Path, logbook: Command) -> None:
    shown = logbook("show", "@", "--json").json
    assert (shown["outcome"], shown["outcome_by"]) == ("dead-end", "logbook")
    assert shown["outcome_reason"].startswith("diverged: loss was nan at step")
    assert "L101 learning-rate-out-of-bounds" in shown["outcome_reason"]
    assert [(entry["kind"], entry["author"]) for entry in shown["journal"]] == [("suggestion", "logbook")]
    assert "dead-end?" in logbook("ls").out
    assert "confirms it" in logbook("show", "@").out
    found = logbook("search", "outcome:dead-end outcome_by:logbook")
    assert found.out.splitlines()[1].startswith("L101 learning-rate-out-of-bounds")
    assert logbook("search", "outcome_by:person").out == ""
    assert len(logbook("search", 'reason~"far above"', "--json").json["runs"]) == 1
    assert verify(diverged / ".logbook") == []
    with open_reader(diverged / ".logbook") as reader:
        before = reader.summary(1)
    rebuild(diverged / ".logbook")
    with open_reader(diverged / ".logbook") as reader:
        assert reader.summary(1) == before


def test_a_suggested_dead_end_warns_and_a_confirmed_one_stops(diverged: Path, logbook: Command) -> None:
    warned = logbook("run", "cfg.json", "--force", "--json")
    assert warned.json["status"] == "diverged"
    assert "looks like a dead end" in warned.err
    [found] = [one for one in warned.json["findings"] if one["name"] == "repeated-dead-end"]
    assert found["severity"] == "warning"
    assert warned.json["findings"][0]["name"] == "learning-rate-out-of-bounds"

    confirmed = logbook("outcome", "r1", "dead-end", "--json").json
    assert (confirmed["outcome_by"], confirmed["outcome_reason"][:8]) == ("person", "diverged")
    stopped = logbook("run", "cfg.json", "--force", "--json")
    assert (stopped.status, stopped.json["status"]) == (1, "refused")
    assert "--again" in stopped.json["reason"]
    assert logbook("run", "cfg.json", "--force", "--again", "--json").json["status"] == "diverged"


def test_a_person_overrules_a_suggestion(diverged: Path, logbook: Command) -> None:
    missing = logbook("outcome", "r1", "promising")
    assert (missing.status, "--because" in missing.err) == (2, True)
    said = logbook("outcome", "r1", "inconclusive", "--because", "a slip of the finger", "--json").json
    assert (said["outcome"], said["outcome_by"]) == ("inconclusive", "person")
    assert logbook("search", "outcome:dead-end", "--json").json["runs"] == []
    assert "dead end" not in logbook("run", "cfg.json", "--force").err


def test_a_near_dead_end_stops_where_its_cause_is_still_there(diverged: Path, logbook: Command) -> None:
    near = ("run", "cfg.json", "--force", "--json", "--set", "optimizer.lr=5e7")
    warned = logbook(*near)
    assert warned.json["status"] == "diverged"
    assert "r1 looks like a dead end" in warned.err
    assert "the cause is still there: L101" in warned.err

    logbook("outcome", "r2", "dead-end", "--because", "exploded again")
    stopped = logbook(*near[:-1], "optimizer.lr=6e7")
    assert stopped.json["status"] == "refused"
    assert "r2 is a dead end: exploded again" in stopped.json["reason"]
    assert "optimizer.lr 50000000 → 60000000" in stopped.json["reason"]
    # Where the cause is gone, nothing stops it, however near it is.
    assert logbook("run", "cfg.json", "--set", "optimizer.lr=0.01").status == 0


def test_a_person_at_a_terminal_is_asked(diverged: Path, logbook: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    logbook("outcome", "r1", "dead-end")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for answer, made in (("n\n", 0), ("", 0), ("y\n", 1)):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        screen = Terminal()
        outcome = run(RunRequest(config="cfg.json", force=True), TerminalProgress(screen))
        assert len(outcome.runs) == made
        assert "run it all the same? [y/N]" in screen.getvalue()
        assert (outcome.refused is None) == bool(made)
    begun = outcome.runs[0].start_of_run
    assert begun is not None
    assert begun.again


def test_what_is_nearest_is_told_in_two_lines(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    assert "tried before" not in logbook("run", "cfg.json").err
    told = logbook("run", "cfg.json", "--set", "optimizer.lr=0.002").err.splitlines()
    place = next(place for place, line in enumerate(told) if line.startswith("tried before"))
    assert told[place] == "tried before: nearest, 0.301 away: optimizer.lr 0.001 → 0.002"
    assert told[place + 1].startswith("  r1  digits-mlp@1  finished  best val_loss")
    same = logbook("run", "cfg.json", "--set", "training.seed=5").err
    assert "tried before: the same recipe" in same
    assert "(same data; other seed)" in same.replace("same code, data", "same data")
    far = logbook("run", "cfg.json", "--set", "optimizer.lr=0.5", "--set", "training.batch_size=512").err
    assert "tried before" not in far


def test_tried_shows_the_nearest_recipes_and_what_would_change(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    assert "nothing like it was tried yet" in logbook("tried", "cfg.json").err
    logbook("run", "cfg.json", "--seeds", "2")
    logbook("run", "cfg.json", "--set", "optimizer.lr=0.01")
    logbook("run", "cfg.json", "--set", 'data.source.dataset="wine"', "--force")
    answer = logbook("tried", "cfg.json", "--set", "optimizer.lr=0.002", "--json").json
    assert [one["runs"] for one in answer["precedents"]] == [["r2", "r1"], ["r3"], ["r4"]]
    near, further, elsewhere = answer["precedents"]
    assert near["distance"] == pytest.approx(0.30103)
    assert further["distance"] == pytest.approx(0.69897)
    assert elsewhere["distance"] > 10
    assert [(one["path"], one["left"], one["right"]) for one in near["changes"]] == [("optimizer.lr", 0.001, 0.002)]
    assert near["spread"]["runs"] == 2
    assert near["best_val_loss"] is not None
    table = logbook("tried", "cfg.json", "--set", "optimizer.lr=0.002", "--limit", "1").out.splitlines()
    assert len(table) == 2
    assert "optimizer.lr 0.001 → 0.002" in table[1]
    assert logbook("tried", "cfg.json", "--csv").out.splitlines()[1].split(",")[1] == "the same recipe"
    assert logbook("tried", "cfg.json", "--md").out.startswith("| distance |")
    assert logbook("tried", "r3", "--json").json["precedents"][0]["distance"] == 0
    json.dumps(answer)


def test_what_is_the_same_setting_in_both_kinds_is_shown_beside_the_kind(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    logbook("run", "cfg.json", "--set", 'optimizer={"kind": "sgd", "lr": 0.09}')
    (near,) = logbook("tried", "cfg.json", "--json").json["precedents"]
    assert [one["path"] for one in near["changes"]] == ["optimizer.kind", "optimizer.lr"]
    assert "optimizer.kind sgd → adam, optimizer.lr 0.09 → 0.001" in logbook("tried", "cfg.json").out


def test_the_same_seed_again_is_no_other_draw(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    for seed in ("0", "0", "1", "0"):
        logbook("run", "cfg.json", "--again", "--set", f"training.seed={seed}")
    (told,) = logbook("tried", "cfg.json", "--json").json["precedents"]
    assert told["runs"] == ["r4", "r3", "r2", "r1"]
    assert told["spread"]["runs"] == 2
    assert told["spread"]["deviation"] > 0


def test_a_loop_of_ones_own_is_no_recipe_of_ours(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    logbook("run", "cfg.json")
    (folder / "own.json").write_text('{"format": 1, "kind": "own", "name": "mine", "values": {"lr": 0.1}}')
    answer = logbook("tried", "own.json")
    assert (answer.status, answer.out) == (0, "")
    assert "nothing like it was tried yet" in answer.err
    assert logbook("tried", "own.json", "--json").json["precedents"] == []


def test_a_run_that_never_beat_the_constant_answer_is_suggested_too(folder: Path, logbook: Command) -> None:
    write_config(folder, {"optimizer": {"kind": "sgd", "lr": 1e-9}, "training": {"epochs": 4}})
    logbook("run", "cfg.json", "--force")
    finished = logbook("show", "@", "--json").json
    assert finished["status"] == "finished"
    assert finished["outcome"] == "dead-end"
    assert finished["outcome_reason"].startswith("never better than always giving the same answer")


def test_a_run_that_an_error_stopped_is_suggested_and_one_that_a_warning_stopped_is_not(
    folder: Path, logbook: Command
) -> None:
    still = {"optimizer": {"kind": "sgd", "lr": 1e-7}, "training": {"epochs": 8}}
    ignore = {"L101": "to see what comes of it"}
    for severity, outcome in (("warning", None), ("error", "dead-end")):
        write_config(folder, {**still, "checks": {"severity": {"G209": severity}, "ignore": ignore}})
        assert logbook("run", "cfg.json", "--strict").status == 1
        ended = logbook("show", "@", "--json").json
        assert ended["reason"].startswith("stopped by --strict: G209")
        assert ended["outcome"] == outcome
    assert ended["outcome_reason"].startswith("stopped by G209 tiny-updates: A step moves the weights")
