"""Run the benchmark of faults: `python -m benchmarks.faults [--only ID] [--tuned] [--seeds N] [--json PATH]`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.faults.catalogue import PROGRAMS
from benchmarks.faults.program import Program
from benchmarks.faults.report import section, told
from benchmarks.faults.run import run_all
from benchmarks.faults.score import score_program
from benchmarks.page import RESULTS, write_section


def main() -> None:
    """Run, print, and write: the page only where everything was run, unless --write asks for it."""
    asked = _arguments()
    programs = _chosen(asked)
    began = time.perf_counter()
    results = run_all(programs, seeds=asked.seeds, workers=asked.workers, progress=_say)
    seconds = time.perf_counter() - began
    scores = [score_program(program, results, seeds=asked.seeds) for program in programs]
    sys.stderr.write("\n")
    sys.stdout.write(told(scores, held_out=asked.held_out or bool(asked.only)) + "\n")
    if asked.json is not None:
        shown = [score.as_json() for score in scores if score.program.hand == "tuned" or asked.held_out or asked.only]
        asked.json.write_text(json.dumps(shown, indent=1), encoding="utf-8")
    if asked.write or len(programs) == len(PROGRAMS):
        when = (
            f"{datetime.now(UTC):%Y-%m-%d}, {len(results)} runs in {seconds / 60:.0f} minutes, {asked.workers} at once."
        )
        write_section(RESULTS, "faults", section(scores, when=when))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="programs by id or kind; repeatable")
    parser.add_argument("--tuned", action="store_true", help="leave the held-out programs alone")
    parser.add_argument("--held-out", action="store_true", help="show the held-out programs one by one, too")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="PATH", help="where the details of every run go")
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md though some are left out")
    return parser.parse_args()


def _chosen(asked: argparse.Namespace) -> list[Program]:
    programs = [program for program in PROGRAMS if not asked.tuned or program.hand == "tuned"]
    if asked.only:
        programs = [program for program in programs if program.id in asked.only or program.kind in asked.only]
    if not programs:
        raise SystemExit(f"no program is called {', '.join(asked.only)}; benchmarks/faults/catalogue.py lists them")
    return programs


def _say(done: int, runs: int) -> None:
    sys.stderr.write(f"\r{done} of {runs} runs")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
