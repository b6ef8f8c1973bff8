"""The tables: one for people who read `RESULTS.md`, one for those who work on the rules."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.faults.run import Result
from benchmarks.faults.score import MOMENTS, Score, Totals, total

__all__ = ["section", "told"]


def told(scores: Sequence[Score], *, held_out: bool) -> str:
    """Return lines for the terminal; of held-out programs only the sums, unless `held_out` asks for them."""
    shown = [score for score in scores if held_out or score.program.hand == "tuned"]
    lines = [_line(score) for score in shown]
    lines += [f"TWIN DOESN'T LEARN {s.program.id}: {_gains(s.twin)}" for s in scores if not s.learns]
    lines += [f"FAULT DOESN'T SHOW {s.program.id}: {_gains(s.faulty)}" for s in scores if not s.shows]
    lines += [f"PROBLEM {s.program.id}: {problem}" for s in scores for problem in s.problems]
    lines += [_false_alarms(score) for score in shown if score.false_alarms]
    return "\n".join([*lines, *(f"{name}: {_sums(totals)}" for name, totals in _hands(scores))])


def section(scores: Sequence[Score], *, when: str) -> str:
    """Return the section of `RESULTS.md`: sums by hand, then tuned programs by kind, then misses and false alarms."""
    seeds = len(scores[0].faulty) if scores else 0
    tuned = [score for score in scores if score.program.hand == "tuned"]
    by_kind = {score.program.kind: list[Score]() for score in tuned}
    for score in tuned:
        by_kind[score.program.kind].append(score)
    hands = [_row(name, totals) for name, totals in _hands(scores)]
    kinds = [_row(kind, total(some)) for kind, some in sorted(by_kind.items())]
    misses = [f"- {s.program.id} ({s.program.kind}): {_firsts(s)}" for s in tuned if s.first < len(s.faulty)]
    alarms = [f"- {_false_alarms(score)}" for score in tuned if score.false_alarms]
    return "\n".join(
        [
            "## Faults",
            "",
            "Written by `python -m benchmarks.faults`: faulty programs and their repaired twins, "
            f"{seeds} seeds each; counts are of runs. *First*: the first warning or error names the kind of the fault;"
            " *anywhere*: one of them does; *in a note*: only a note does. *False alarms*: runs of the twins with any"
            " warning or error. *Moments*: when the kind was named first. Held-out programs are tuned by nobody, and"
            " only their sums are shown.",
            "",
            when,
            "",
            *_HEAD,
            *hands,
            "",
            "Tuned programs by kind:",
            "",
            *_HEAD,
            *kinds,
            "",
            "Tuned programs whose kind was not named first with every seed:",
            "",
            *(misses or ["- none"]),
            "",
            "False alarms on twins of tuned programs:",
            "",
            *(alarms or ["- none"]),
        ]
    )


_HEAD = (
    "| | programs | runs | detected | kind first | kind anywhere | in a note | false alarms | moments |",
    "|---|---|---|---|---|---|---|---|---|",
)


def _hands(scores: Sequence[Score]) -> list[tuple[str, Totals]]:
    hands = [(hand, [score for score in scores if score.program.hand == hand]) for hand in ("tuned", "held-out")]
    named = [*((hand, some) for hand, some in hands if some), ("all", list(scores))]
    return [(name, total(some)) for name, some in named]


def _row(name: str, totals: Totals) -> str:
    moments = ", ".join(f"{moment} {totals.moments[moment]}" for moment in MOMENTS if moment in totals.moments)
    shares = (totals.detected, totals.first, totals.anywhere, totals.in_note, totals.false_alarms)
    cells = [name, str(totals.programs), str(totals.runs), *(_share(count, totals.runs) for count in shares), moments]
    return f"| {' | '.join(cells)} |"


def _sums(totals: Totals) -> str:
    return (
        f"{totals.programs} programs, {totals.runs} runs: detected {_share(totals.detected, totals.runs)},"
        f" first {_share(totals.first, totals.runs)}, anywhere {_share(totals.anywhere, totals.runs)},"
        f" in a note {_share(totals.in_note, totals.runs)}, false alarms {_share(totals.false_alarms, totals.runs)}"
    )


def _share(count: int, runs: int) -> str:
    return f"{count} ({100 * count / runs:.0f} %)" if runs else "0"


def _line(score: Score) -> str:
    runs = len(score.faulty)
    faulty, twin = (("" if gain is None else f"{gain:.2f}") for gain in (score.faulty_gain, score.twin_gain))
    return (
        f"{score.program.id:32} {score.program.kind:28} first {score.first}/{runs} any {score.anywhere}/{runs}"
        f" note {score.in_note} alarm {score.detected}/{runs} twin {score.false_alarms}"
        f" gain {faulty:>4} of {twin:>4}  {_firsts(score)}"
    )


def _firsts(score: Score) -> str:
    """Return what each run said first."""
    said = [_first(result) for result in score.faulty]
    return said[0] if len(set(said)) == 1 else " / ".join(said)


def _first(result: Result) -> str:
    return f"{result.alarms[0].name} ({result.alarms[0].moment})" if result.alarms else "nothing"


def _false_alarms(score: Score) -> str:
    names = sorted({f"{found.name} ({found.severity})" for result in score.twin for found in result.alarms})
    return f"twin of {score.program.id}: {', '.join(names)}, {score.false_alarms} of {len(score.twin)} runs"


def _gains(results: Sequence[Result]) -> str:
    return ", ".join(f"{r.status} {'no score' if r.gain is None else f'{r.gain:.2f}'}" for r in results)
