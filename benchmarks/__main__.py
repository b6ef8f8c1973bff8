"""Measure everything and write `benchmarks/RESULTS.md`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.append import measure_append
from benchmarks.data_probes import measure_data_probes
from benchmarks.epoch import measure_epoch
from benchmarks.fill import fill
from benchmarks.grow import grow
from benchmarks.measure import Ratio
from benchmarks.overhead import measure_overhead
from benchmarks.page import RESULTS, machine, read_sections, write_section
from benchmarks.questions import measure_growth, measure_questions
from benchmarks.size import measure_size
from benchmarks.startup import measure_startup
from benchmarks.tried import measure_tried

RUNS = 10_000
LARGER = 10
"""How many times as many runs the larger logbook has."""


def main() -> None:
    """Measure, print and write."""
    ratios = [*measure_append(), *measure_epoch(), *measure_overhead(), *measure_data_probes(), *measure_tried()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / ".logbook"
        fill(folder, RUNS, progress=_say)
        ratios += measure_startup(folder)
        larger = Path(name) / "larger"
        grow(folder, larger, LARGER)
        ratios += [*measure_questions(folder, RUNS), *measure_questions(larger, RUNS * LARGER)]
        ratios += measure_growth(folder, larger)
    others = read_sections(RESULTS)
    RESULTS.write_text(_page(ratios, measure_size()), encoding="utf-8")
    for name, text in others.items():  # which scripts of their own wrote
        write_section(RESULTS, name, text)
    sys.stdout.write("\n".join(ratio.row() for ratio in ratios) + "\n")


def _say(done: int) -> None:
    if done % 500 == 0:
        sys.stderr.write(f"\r{done} of {RUNS} runs recorded")
        sys.stderr.flush()


def _page(ratios: list[Ratio], sizes: list[str]) -> str:
    rows = "\n".join(ratio.row() for ratio in ratios)
    size_rows = "\n".join(sizes)
    return f"""# Results

Written by `python -m benchmarks` (`make bench`); each file in this folder says what it measures. Ratios are ours over
theirs, medians of interleaved pairs with a 95 % bootstrap interval; a goal is met where the interval's lower end is at
or below it. The logbook of the commands has {RUNS:,} runs of 20 epochs.

{datetime.now(UTC):%Y-%m-%d}, {machine()}, commit {_commit()}.

| what | ratio | interval | goal | met | ours | theirs | pairs |
|---|---|---|---|---|---|---|---|
{rows}

On disk, a run that shares its config with no other, with 20 epochs of 4 numbers and without diagnostics:

| config | takes | goal | met | as lines of JSON |
|---|---|---|---|---|
{size_rows}

Nothing here was measured on a GPU yet.
"""


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
