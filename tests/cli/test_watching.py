"""What a person sees while a network trains."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from logbook_cli.watching import QuietProgress, TerminalProgress
from logbook_schemas.records.difference import Change
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.precedents import Precedent
from logbook_schemas.records.runs import PastRun
from tests.history.records import run

EPOCH = EpochRecord(epoch=3, train_loss=0.1234, val_loss=0.1456, metrics={"accuracy": 0.958}, seconds=1.2, steps=90)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    attempts = 0

    def write(self, text: str) -> int:
        self.attempts += 1
        raise BrokenPipeError


def test_an_epoch_is_one_line_and_the_best_is_marked() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress.begin(run(7).summary, 20)
    progress.step(3, 10, 45)
    progress.epoch(EPOCH, True)
    progress.epoch(EPOCH.model_copy(update={"epoch": 4, "val_loss": None}), False)
    assert stream.getvalue().splitlines() == [
        "r7 deep-maple  digits-mlp@1  20 epochs",
        "epoch  3/20  train 0.1234    val 0.1456    accuracy 0.958     1.2 s  *best",
        "epoch  4/20  train 0.1234    accuracy 0.958     1.2 s",
    ]


def test_one_epoch_is_told_in_the_singular() -> None:
    stream = io.StringIO()
    TerminalProgress(stream).begin(run(7).summary, 1)
    assert stream.getvalue() == "r7 deep-maple  digits-mlp@1  1 epoch\n"


def test_steps_show_on_a_terminal_only_and_are_erased() -> None:
    stream = Terminal()
    progress = TerminalProgress(stream)
    progress.begin(run(7).summary, 20)
    progress.step(1, 10, 20)
    assert "[##########..........] step 10/20" in stream.getvalue()
    progress.epoch(EPOCH, False)
    assert stream.getvalue().count("\r\x1b[K") == 2


def test_a_closed_terminal_does_not_end_a_training() -> None:
    stream = Gone()
    progress = TerminalProgress(stream)
    progress.begin(run(7).summary, 20)
    progress.epoch(EPOCH, True)
    progress.end(run(7))
    assert stream.attempts == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_log_without_room_does_not_end_a_quiet_training(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        QuietProgress().message("NOT ON DISK: no room")
        # What could not be written was met, and is led to where it no longer fails.
        assert os.path.samestat(os.fstat(full.fileno()), os.stat(os.devnull))  # noqa: PTH116


def test_what_was_tried_says_how_it_ended_and_what_was_alike() -> None:
    past = Precedent(
        distance=0.0,
        runs=("r5", "r4"),
        name="digits-mlp",
        version=3,
        statuses={"finished": 1, "diverged": 1},
        outcome="dead-end",
        outcome_reason="overfits",
        outcome_by="logbook",
        best_value=0.25,
    )
    same = PastRun(id="r5", name="digits-mlp", version=3, status="finished", same_seed=True, same_code=False)
    assert said_of(past, same) == [
        "tried before: the same recipe",
        "  r5  digits-mlp@3  1 finished, 1 diverged  best val_loss 0.25  dead-end?: overfits  (same seed; other code)",
    ]
    change = Change(path="optimizer.lr", kind="changed", left=0.01, right=0.001)
    near = past.model_copy(update={"distance": 1.0, "changes": (change,), "outcome": None, "cause": "L101 some-rule"})
    assert said_of(near, None) == [
        "tried before: nearest, 1 away: optimizer.lr 0.01 → 0.001",
        "  r5  digits-mlp@3  1 finished, 1 diverged  best val_loss 0.25  L101 some-rule",
    ]


def said_of(past: Precedent, same: PastRun | None) -> list[str]:
    stream = io.StringIO()
    TerminalProgress(stream).tried(past, same)
    return stream.getvalue().splitlines()


def test_findings_and_messages_are_clean() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress.message("careful\x1b[2J")
    progress.findings((Finding(code="D1", name="n", severity="error", moment="data", message="bad\x1b[2J"),))
    assert "\x1b" not in stream.getvalue()
    assert "error D1 n" in stream.getvalue()


def test_quiet_says_what_must_be_known_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    progress = QuietProgress()
    progress.message("x")
    progress.begin(run(7).summary, 20)
    progress.epoch(EPOCH, True)
    progress.end(run(7))
    assert capsys.readouterr() == ("", "x\n")


def test_a_stream_in_ascii_still_says_it() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    TerminalProgress(stream).message("zażółć")
    assert raw.getvalue() == b"za\\u017c\\xf3\\u0142\\u0107\n"
