"""What `run` and `resume` share: how the outcome of a training is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from logbook_cli.output import emit_json, hint, is_coloured, print_error, remark

if TYPE_CHECKING:
    from logbook.running import Progress, RunOutcome

__all__ = ["choose_progress", "tell_outcome"]


def choose_progress(*, is_quiet: bool) -> Progress:
    """Return what watches the training."""
    from logbook_cli.watching import QuietProgress, TerminalProgress

    return QuietProgress() if is_quiet else TerminalProgress()


def tell_outcome(outcome: RunOutcome, *, as_json: bool) -> None:
    """Print what came of it, say what to type next, and leave with its exit status."""
    if outcome.refused is not None:
        _tell_refusal(outcome)
    if as_json:
        emit_json(_document(outcome))
    if outcome.runs:
        _tell_spread(outcome)
        hint(_next(outcome))
    raise typer.Exit(outcome.exit_status)


def _tell_spread(outcome: RunOutcome) -> None:
    """Say what runs that differ in seed or fold alone come to together."""
    from logbook.history.replicates import spread
    from logbook_cli.views.text import clean, show_number

    found = spread([run.summary for run in outcome.runs])
    if found is not None:
        remark(
            f"best {clean(found.metric)} of {found.runs} runs: mean {show_number(found.mean)}, deviation"
            f" {show_number(found.deviation)} ({show_number(found.low)} to {show_number(found.high)})"
        )


def _document(outcome: RunOutcome) -> Any:
    """Return the one JSON document of an outcome: a run, several, a refusal, or several before a refusal."""
    from logbook.history.documents import run_document
    from logbook_schemas.records.documents import RefusedDocument

    refusal = None if outcome.refused is None else RefusedDocument(reason=outcome.refused, findings=outcome.findings)
    if refusal is not None and not outcome.runs:
        return refusal
    runs = [run_document(run) for run in outcome.runs]
    if refusal is not None:
        return {"runs": runs, "refused": refusal}
    return runs[0] if len(runs) == 1 else {"runs": runs}


def _tell_refusal(outcome: RunOutcome) -> None:
    import sys

    from logbook_cli.views.findings import findings_view
    from logbook_cli.views.text import Ink

    if outcome.findings:
        remark(findings_view(outcome.findings, ink=Ink(is_coloured(sys.stderr)), with_notes=False))
    print_error(f"refused: {outcome.refused}", status=outcome.exit_status)


def _next(outcome: RunOutcome) -> str:
    summary = outcome.runs[-1].summary
    commands = [f"logbook show {summary.id}"]
    if summary.status == "interrupted":
        commands.append(f"logbook resume {summary.id}")
    if len(outcome.runs) > 1:
        commands.append(f"logbook compare {' '.join(run.summary.id for run in outcome.runs)}")
    elif summary.number > 1:
        commands.append("logbook diff @-1 @")
    return f"next: {' · '.join(commands)}"
