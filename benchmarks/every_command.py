"""Every command on a logbook of 10,000 runs, as a person types it: how long it takes, how it ends, how much it prints.

    python -m benchmarks.every_command              makes the logbook first (minutes)
    python -m benchmarks.every_command FOLDER       asks one that `benchmarks/lab.py` made

Seconds are those of a whole process, asked three times where it answers a question and changes nothing: the median
counts. What takes as long as there are runs (`is_long`) is asked once and has no goal. Commands that write do so in a
copy. The table goes to its section of `RESULTS.md` where the logbook has 10,000 runs.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lab import fill_lab
from benchmarks.page import RESULTS, machine, write_section
from logbook.store import open_reader

__all__ = ["CASES", "Answer", "Case", "ask_every"]

RUNS = 10_000
ROUNDS = 3
GOAL_SECONDS = 1.0
MOST_LINES = 200
"""Lines that a question may answer with where nobody asked for all."""
ROOT = Path(__file__).resolve().parents[1]
SECTION = "every command"

CONFIG = {
    "name": "iris-mlp",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
    "model": {"kind": "mlp", "hidden": [64], "dropout": 0.0},
    "optimizer": {"kind": "adam", "lr": 0.0011},
    "training": {"epochs": 2, "batch_size": 32, "seed": 0},
}
"""The first config of one of the lab's names, a little beside it: `tried` has something to say."""


class Case(NamedTuple):
    """A command, the exit status that it should end with, and what kind of a wait it is."""

    arguments: tuple[str, ...]
    status: int = 0
    is_long: bool = False
    """Its work is to go through every run, or to train."""
    writes: bool = False
    prints_all: bool = False
    """Asked for everything: any number of lines is right."""


class Answer(NamedTuple):
    """How a case went."""

    case: Case
    seconds: float
    status: int
    lines: int
    size: int
    error: str

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, time apart: a machine may be busy."""
        case = self.case
        found = [
            (self.status != case.status, f"exit status {self.status}, expected {case.status}: {self.error[-300:]}"),
            ("Traceback" in self.error, f"a traceback: {self.error[-600:]}"),
            (not case.prints_all and self.lines > MOST_LINES, f"{self.lines:,} lines"),
        ]
        return tuple(text for is_wrong, text in found if is_wrong)

    @property
    def is_slow(self) -> bool:
        return not self.case.is_long and self.seconds > GOAL_SECONDS

    def row(self) -> str:
        """Return the line of a Markdown table."""
        told = "; ".join([*(("slow",) if self.is_slow else ()), *self.problems]).replace("|", "\\|").replace("\n", " ")
        size = f"{self.lines:,}" if self.size < 1e5 else f"{self.lines:,} ({self.size / 1e6:.1f} MB)"
        command = " ".join(map(_quoted, self.case.arguments)).replace("|", "\\|")
        return f"| `logbook {command}` | {self.seconds:.2f} s | {self.status} | {size} | {told} |"


def _typed(*commands: str, **kind: Any) -> tuple[Case, ...]:
    """Return cases of commands as they are typed; quotes hold a query together."""
    return tuple(Case(tuple(shlex.split(command)), **kind) for command in commands)


CASES = (
    *_typed(
        "ls",
        "ls --name digits-mlp",
        "ls --columns lr,val_loss,val_loss@10,outcome",
        "show",
        "show r17 --full",
        "diff",
        "diff r10 r200",
        "diff r10",
        "diff digits-mlp@1 digits-mlp@2",
        "compare @-1 @",
        "compare r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20",
        "compare @-1 @ --baseline r10 --md",
    ),
    *_typed(
        "search 'lr<1e-3'",
        "search 'lr<1e-3 val_loss<0.3' --sort val_loss",
        "search 'lr<1e-3 val_loss<0.3' --sort -started --columns lr,val_loss,started,outcome",
        "search 'optimizer.kind=adam or model.activation=tanh' --sort -accuracy",
        "search exploded",
        "search overfitting",
        "search '\"same as last week\"'",
        "search outcome:dead-end",
        "search 'outcome:dead-end outcome_by:person'",
        "search status:crashed",
        "search 'status:diverged age>4w'",
        "search 'age<1w'",
        "search 'age>725d'",
        "search 'started=2026-11'",
        "search 'rule:learning-rate-out-of-bounds'",
        "search 'finding~rate'",
        "search 'note~overfitting'",
        "search 'tag:thesis/chapter-3 not outcome:done'",
        "search 'val_loss@10>0.5'",
        "search 'val_loss@10<0.05'",
        "search 'id>0' --sort val_loss@10",
        "search 'val_loss.last=nan'",
        "search 'model.hidden=[64]' --sort seconds",
        "search 'data=wine batch_size>=64 not dropout>0.3'",
        "search 'values.net.width>64 values.sampler=hard'",
        "search 'seed=4 name~deep'",
        "search 'reason~baseline error~CUDA or error~memory'",
        "search 'findings>2' --sort -findings",
        "search 'ended<2025-06'",
        "search 'loss' --limit 5",
    ),
    *_typed("search 'lr<1e-3' --all --csv", "search 'lr<1e-3' --json", "ls --all", is_long=True, prints_all=True),
    *(
        Case(("search", query), status=2)
        for query in ("lrr<1e-3", "status:finishd", "lr<1e-3 and", "val_loss~0.3", "age>4")
    ),
    *_typed(
        "sql 'select name, count(*), min(best) from runs group by name'",
        "sql 'select status, count(*) from runs group by status' --csv",
        "sql 'select run_id, value, best from runs join settings using (run_id)"
        ' where path = "optimizer.lr" order by best limit 10\'',
    ),
    Case(("sql", "select nothing from runs"), status=2),
    *_typed(
        "tried config.json",
        "tried config.json --set optimizer.lr=3",
        "check config.json",
        "log digits-mlp",
        "progress",
        "progress digits-mlp",
        "progress --tag paper --weeks 52",
        "importance",
        "importance name=digits-mlp",
        "importance 'data=digits status:finished' --metric accuracy --md",
        "rule",
        "rule learning-rate-out-of-bounds",
        "schema",
        "export @ --commented",
        "export --query 'id<20' --columns lr,val_loss",
        "judge @ r17 --dry-run",
    ),
    *_typed(
        "show best:digits-mlp --json",
        "compare @-1 @ --json",
        "tried config.json --limit 20 --json",
        "schema config",
        prints_all=True,
    ),
    *_typed(
        "search 'lr<1e-3 val_loss<0.3' --save good",
        "search @good",
        "search --list",
        "search --forget good",
        "new derived.json --from best:digits-mlp --set optimizer.lr=1e-4",
        "note @ 'every command was asked'",
        "tag @ asked",
        "tag @ asked --remove",
        "outcome @ inconclusive --because 'only asked'",
        writes=True,
    ),
    *_typed("importance --forest", "plot @", "plot r17 -o one.svg", is_long=True),
    *_typed(
        "plot r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 -o twenty.png",
        "compare @-1 @ --plot two.png",
        "report @ -o one.html",
        "report r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 -o twenty.html",
        is_long=True,
    ),
    *_typed(
        "export --output runs.csv",
        "export --what epochs --output epochs.csv",
        "export --what epochs --output epochs.parquet",
        "export --what settings --output settings.jsonl",
        "export --what findings --output findings.csv",
        "export --what journal --output journal.csv",
        "export --what all --output everything --format parquet",
        "judge --all --dry-run",
        "judge --name digits-mlp",
        "fsck",
        "backup copy",
        "gc --dry-run",
        is_long=True,
    ),
    Case(("run", "config.json", "--quiet"), is_long=True),
    Case(("run", "config.json", "--set", "optimizer.lr=1.9", "--quiet"), status=1, is_long=True),
    Case(("resume", "best:digits-mlp"), status=2, is_long=True),
    Case(("rerun", "@"), is_long=True),
    Case(("redact", "--match", "no-such-secret", "--dry-run"), status=4, is_long=True),
    Case(("predict", "r1", "rows.csv"), status=4, is_long=True),
)


def ask_every(
    folder: Path, *, rounds: int = ROUNDS, progress: Callable[[str], None] = lambda command: None
) -> list[Answer]:
    """Ask a copy of a logbook of the lab everything; return how each went."""
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        shutil.copytree(folder, here / ".logbook")
        (here / "config.json").write_text(json.dumps(CONFIG, indent=2), encoding="utf-8")
        (here / "rows.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        answers = []
        for case in CASES:
            progress(" ".join(case.arguments))
            answers.append(_ask(case, here, 1 if case.is_long or case.writes else rounds))
    return answers


def _ask(case: Case, here: Path, rounds: int) -> Answer:
    kept = {
        name: value for name, value in os.environ.items() if name not in ("LOGBOOK_STORE", "PYTHONDONTWRITEBYTECODE")
    }
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    command = [sys.executable, "-m", "logbook_cli", *case.arguments]
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=here, env={**kept, "PYTHONPATH": paths}, capture_output=True, check=False)
        seconds.append(time.perf_counter() - began)
    return Answer(
        case,
        statistics.median(seconds),
        done.returncode,
        done.stdout.count(b"\n"),
        len(done.stdout),
        done.stderr.decode(errors="replace"),
    )


def section(answers: Sequence[Answer], *, runs: int, when: str) -> str:
    """Return the section of `RESULTS.md`."""
    questions = [one for one in answers if not one.case.is_long]
    slow = sum(one.is_slow for one in questions)
    wrong = sum(bool(one.problems) for one in answers)
    return "\n".join(
        [
            "## Every command",
            "",
            f"Written by `python -m benchmarks.every_command`: {len(answers)} commands on a logbook of {runs:,} runs"
            " that `benchmarks/lab.py` makes: whole processes, start included. Questions are asked"
            f" {ROUNDS} times, and the median counts; what goes through every run, draws or trains is asked once and"
            " has no goal.",
            "",
            when,
            "",
            f"{len(questions)} questions, {slow} of them longer than {GOAL_SECONDS:g} s; {wrong} commands end or print"
            " otherwise than they should.",
            "",
            "| command | time | exit status | lines | remarks |",
            "|---|---|---|---|---|",
            *(one.row() for one in answers),
        ]
    )


def _quoted(argument: str) -> str:
    return shlex.quote(argument)


def _say(text: str) -> None:
    sys.stderr.write(f"\r{text[:100]:<100}")
    sys.stderr.flush()


def main() -> None:
    """Ask, print, and write the section where the logbook has as many runs as it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if sys.argv[1:] else Path(name) / ".logbook"
        if not sys.argv[1:]:
            fill_lab(folder, RUNS, progress=lambda done: _say(f"{done} of {RUNS} runs recorded"))
        with open_reader(folder) as reader:
            runs = len(reader.runs())
        answers = ask_every(folder, progress=_say)
    text = section(answers, runs=runs, when=f"{datetime.now(UTC):%Y-%m-%d}, {machine()}.")
    sys.stdout.write(f"\n{text}\n")
    if runs == RUNS:
        write_section(RESULTS, SECTION, text)


if __name__ == "__main__":
    main()
