"""The documents that `--json` prints, made from what the store returns: validated when it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbook_schemas.records.stored import plain
from logbook_schemas.records.summary import RunSummary

if TYPE_CHECKING:
    from logbook.answers import RunList
    from logbook_schemas.checklist.rule import Rule
    from logbook_schemas.records.documents import RunDocument
    from logbook_schemas.records.runs import Best, RunRecord

__all__ = ["found_lines", "rule_document", "run_document", "run_line"]


def run_document(run: RunRecord) -> RunDocument:
    """Return a run as the one flat document that `show --json` and `run --json` print."""
    from logbook_schemas.checklist.ranking import rank
    from logbook_schemas.checklist.sentence import cause_sentence
    from logbook_schemas.records.documents import RunDocument

    summary, start = run.summary, run.start_of_run
    last = run.attempts[-1] if run.attempts else None
    return RunDocument.model_construct(
        **_identity(summary),
        reason=last.reason if last else "",
        error=last.error.message if last and last.error else "",
        epochs=run.epochs,
        best=_best(summary),
        cause=cause_sentence(run.findings),
        findings=rank(run.findings),
        judgements=run.judgements,
        git=start.git if start else None,
        code=start.code if start else None,
        environment=start.environment if start else None,
        data=run.data,
        initial_weights=start.initial_weights if start else None,
        rerun_of=start.rerun_of if start else "",
        start=run.start,
        end=run.end,
        attempts=run.attempts,
        journal=run.journal,
        config=run.config,
    )


def run_line(summary: RunSummary) -> dict[str, Any]:
    """Return a run as one entry of a list: the fields of its summary and its short id."""
    return {"id": summary.id, **plain(summary)}


def found_lines(found: RunList) -> list[dict[str, Any]]:
    """Return runs as entries of a list: with the columns that were asked for, or whole; and the words that match."""
    if found.columns:
        lines = [
            {"id": run.id, **dict(zip(found.columns, cells, strict=True))}
            for run, cells in zip(found.runs, found.cells, strict=True)
        ]
    else:
        lines = [{"id": run.id, **dict(run)} for run in found.runs]
    matches = ({"match": found.matches[run.number]} if run.number in found.matches else {} for run in found.runs)
    return [line | match for line, match in zip(lines, matches, strict=True)]


def rule_document(rule: Rule) -> dict[str, Any]:
    """Return a rule as `rule --json` prints it."""
    from logbook_schemas.checklist.topics import topic_of

    told = ("code", "name", "severity", "moment", "title", "why", "source", "doc", "version")
    bounds = {name: {"value": one.value, "about": one.about} for name, one in rule.thresholds.items()}
    more = {"topic": topic_of(rule.code), "explains": list(rule.explains), "thresholds": bounds}
    return {name: getattr(rule, name) for name in told} | more


def _identity(summary: RunSummary) -> dict[str, Any]:
    from logbook_schemas.records.documents import RunDocument

    shared = RunDocument.model_fields.keys() & RunSummary.model_fields.keys() - {"epochs", "findings"}
    return {"id": summary.id} | {name: getattr(summary, name) for name in shared}


def _best(summary: RunSummary) -> Best | None:
    from logbook_schemas.records.runs import Best

    if summary.best_epoch is None:
        return None
    return Best.model_construct(
        epoch=summary.best_epoch,
        metric=summary.monitor_metric,
        value=summary.best_value,
        val_loss=summary.best_val_loss,
    )
