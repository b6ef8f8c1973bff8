"""What the results are worth: what was detected, what was named first, and when the alarm was false.

A fault counts as *detected* where a run says any warning or error; its kind is named *first* where the first of them
is one of the kind's rules, and named *anywhere* where any of them is. A note names it only *in a note*. An alarm on
a twin is a false one, each program's twin counted once a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.faults.program import Program
from benchmarks.faults.run import Result, results_of

__all__ = ["Score", "Totals", "score_program", "total"]

MOMENTS = ("config", "data", "start", "epoch", "end")


@dataclass(frozen=True)
class Score:
    """One program over its seeds; counts are of runs."""

    program: Program
    faulty: list[Result]
    twin: list[Result]

    @property
    def detected(self) -> int:
        return sum(bool(result.alarms) for result in self.faulty)

    @property
    def first(self) -> int:
        return sum(bool(result.alarms) and result.alarms[0].name in self.program.answers for result in self.faulty)

    @property
    def anywhere(self) -> int:
        return sum(any(found.name in self.program.answers for found in result.alarms) for result in self.faulty)

    @property
    def in_note(self) -> int:
        """Runs that name the kind, though only in a note."""
        return sum(self._only_noted(result) for result in self.faulty)

    @property
    def false_alarms(self) -> int:
        return sum(bool(result.alarms) for result in self.twin)

    @property
    def moments(self) -> list[str]:
        """For each run that names the kind in an alarm, the earliest moment at which it does."""
        named = [
            [found.moment for found in result.alarms if found.name in self.program.answers] for result in self.faulty
        ]
        return [min(moments, key=MOMENTS.index) for moments in named if moments]

    @property
    def faulty_gain(self) -> float | None:
        return _mean(self.faulty)

    @property
    def twin_gain(self) -> float | None:
        return _mean(self.twin)

    @property
    def learns(self) -> bool:
        """Whether the twin learns with every seed."""
        return all(
            result.status in ("finished", "early-stopped")
            and result.gain is not None
            and result.gain >= self.program.learns
            for result in self.twin
        )

    @property
    def shows(self) -> bool:
        """Whether the fault costs at least a tenth of what there is to gain, or needn't."""
        if self.program.hidden:
            return True
        if self.faulty_gain is None or self.twin_gain is None:
            return False
        return self.twin_gain - self.faulty_gain >= 0.1

    @property
    def problems(self) -> list[str]:
        """What ended runs that should have gone on."""
        return sorted({f"{r.status}: {r.problem}" for r in (*self.faulty, *self.twin) if r.problem})

    def _only_noted(self, result: Result) -> bool:
        named = {found.severity for found in result.findings if found.name in self.program.answers}
        return named == {"note"}

    def as_json(self) -> dict[str, Any]:
        """Return the score with all its runs, as plain values."""
        return {
            "id": self.program.id,
            "kind": self.program.kind,
            "hand": self.program.hand,
            "answers": sorted(self.program.answers),
            "expected_moment": self.program.moment,
            "faulty_gain": self.faulty_gain,
            "twin_gain": self.twin_gain,
            "learns": self.learns,
            "shows": self.shows,
            "faulty": [result.as_json() for result in self.faulty],
            "twin": [result.as_json() for result in self.twin],
        }


@dataclass
class Totals:
    """Sums over programs."""

    programs: int = 0
    runs: int = 0
    detected: int = 0
    first: int = 0
    anywhere: int = 0
    in_note: int = 0
    false_alarms: int = 0
    moments: dict[str, int] = field(default_factory=dict)

    def add(self, score: Score) -> None:
        """Count a program in."""
        self.programs += 1
        self.runs += len(score.faulty)
        self.detected += score.detected
        self.first += score.first
        self.anywhere += score.anywhere
        self.in_note += score.in_note
        self.false_alarms += score.false_alarms
        for moment in score.moments:
            self.moments[moment] = self.moments.get(moment, 0) + 1


def score_program(program: Program, results: dict[str, Result], *, seeds: int) -> Score:
    """Return the score of a program."""
    return Score(
        program,
        results_of(program.faulty, results, range(seeds)),
        results_of(program.twin, results, range(seeds)),
    )


def total(scores: Sequence[Score]) -> Totals:
    """Return the sums over some scores."""
    totals = Totals()
    for score in scores:
        totals.add(score)
    return totals


def _mean(results: Sequence[Result]) -> float | None:
    gains = [max(result.gain, 0.0) for result in results if result.gain is not None]
    return sum(gains) / len(gains) if gains else None
