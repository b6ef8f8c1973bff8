"""One run on one screen: what it was, how it went, what was found, where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook.history.spark import Look, chart, needs_log_axis
from logbook_cli.views.findings import findings_summary, findings_view
from logbook_cli.views.runs import STATUS_STYLES, show_moment
from logbook_cli.views.table import Column, Table, render_text
from logbook_cli.views.text import Ink, clean, clean_block, show_number, show_seconds, show_value
from logbook_schemas.checklist.sentence import cause_sentence
from logbook_schemas.config.leaves import flatten

if TYPE_CHECKING:
    from logbook_schemas.records.beginning import InitialWeightsRecord
    from logbook_schemas.records.measures import EndRecord, EpochRecord
    from logbook_schemas.records.runs import RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["curve_look", "epoch_name", "final_facts", "headline", "not_held", "run_view", "suggestion"]

_MOST_EPOCHS = 12
_MOST_SKIPPED = 5


def headline(run: RunSummary, *, ink: Ink) -> str:
    """Return a run in one line: ids, version, status, epochs, best."""
    parts = [
        ink.paint(run.id, "bold"),
        clean(run.words),
        f"{clean(run.name)}@{run.version}",
        ink.paint(run.status, *STATUS_STYLES.get(run.status, ())),
        f"{run.epochs} epoch{'' if run.epochs == 1 else 's'}",
    ]
    if run.best_epoch is not None:
        parts.append(f"best {clean(run.monitor_metric)} {show_number(run.best_value)} at epoch {run.best_epoch}")
    parts.append(show_seconds(run.seconds))
    return "  ".join(parts)


def run_view(run: RunRecord, *, ink: Ink, draws_unicode: bool = True, is_full: bool = False) -> str:
    """Return everything a person wants first; `show --json` has the rest. `is_full` tells every finding at length."""
    sections = [
        "\n".join(_facts(run, ink)),
        _curves(run, ink, draws_unicode),
        _epochs(run, ink),
        _findings(run, ink, is_full),
        _section("journal", list(_journal(run)), ink),
        _section("config", [f"{clean(path)} = {show_value(value)}" for path, value in flatten(run.config)], ink),
        _section("provenance", list(_provenance(run)), ink),
    ]
    return "\n\n".join(section for section in sections if section)


def curve_look(count: int, *, ink: Ink, draws_unicode: bool) -> Look:
    """Say how curves are drawn: braille while colours or there being only one tell them apart."""
    if not draws_unicode:
        return "ascii"
    return "braille" if ink.is_on or count == 1 else "marks"


def _facts(run: RunRecord, ink: Ink) -> Iterator[str]:
    summary = run.summary
    if cause := cause_sentence(run.findings):
        yield ink.paint(clean(cause), "bold")
    yield headline(summary, ink=ink)
    if summary.hypothesis:
        yield f"hypothesis  {clean(summary.hypothesis)}"
    seed = "" if summary.seed is None else f", seed {summary.seed}"
    began = run.start_of_run
    fold = "" if began is None or began.fold is None else f", fold {began.fold}"
    yield f"started     {show_moment(summary.started_at)}{seed}{fold}"
    if began is not None and began.rerun_of:
        yield f"rerun of    {clean(began.rerun_of)}"
    if summary.tags:
        yield f"tags        {clean(' '.join(summary.tags))}"
    if summary.outcome:
        yield suggestion(summary) or f"outcome     {summary.verdict}: {clean(summary.outcome_reason)}"
    yield from _ending(run, ink)
    if run.judgements:
        newest = run.judgements[-1]
        by = f" by release {clean(newest.release)}" if newest.release else ""
        yield f"judged      again, {show_moment(newest.at)}{by}; the findings are those of then"
    yield ink.paint(f"config      {summary.config_hash[:12]}  recipe {summary.recipe_hash[:12]}  {summary.uuid}", "dim")


def _ending(run: RunRecord, ink: Ink) -> Iterator[str]:
    last = run.attempts[-1] if run.attempts else None
    if last and last.error:
        yield f"error       {ink.paint(clean(last.error.message), 'red')}"
    elif last and last.reason:
        yield f"reason      {clean(last.reason)}"
    if len(run.attempts) > 1:
        yield f"attempts    {len(run.attempts)}, the last from epoch {run.attempts[-1].resumed_from}"
    if run.end and (run.end.nonfinite_step is not None or run.end.nonfinite_epoch is not None):
        yield f"not finite  {_not_finite(run.end)}"
    yield from final_facts(run)


def not_held(operations: Sequence[str]) -> str:
    """Return the line that names operations without a deterministic kernel."""
    kernels = ", ".join(clean(name) for name in operations)
    return f"not held    training.deterministic: torch has no deterministic kernel for {kernels}"


def final_facts(run: RunRecord) -> Iterator[str]:
    """Yield what the end of a run says in a line each: the test split's result, and what was skipped, with the reason.

    A probe that was skipped at the start is named too.
    """
    end = run.end
    if end and end.test_loss is not None:
        metrics = "".join(f"  {clean(name)} {show_number(value)}" for name, value in end.test_metrics.items())
        yield f"test        loss {show_number(end.test_loss)}{metrics}"
    if end and end.nondeterministic:
        yield not_held(end.nondeterministic)
    skipped = {**(run.start.skipped if run.start else {}), **(end.skipped if end else {})}
    for what, why in list(skipped.items())[:_MOST_SKIPPED]:
        yield f"skipped     {clean(what)}: {clean(why)}"
    if len(skipped) > _MOST_SKIPPED:
        yield f"skipped     and {len(skipped) - _MOST_SKIPPED} more (--json has all)"


def suggestion(summary: RunSummary) -> str:
    """Return an outcome that is only suggested, and how to confirm it; empty where there is none."""
    if summary.outcome_by != "logbook":
        return ""
    confirm = f"logbook outcome {summary.id} {summary.outcome}"
    return f"outcome     {summary.verdict}: {clean(summary.outcome_reason)} ('{confirm}' confirms it)"


def _not_finite(end: EndRecord) -> str:
    if end.nonfinite_step is None:
        return f"{clean(end.nonfinite_what)} of epoch {end.nonfinite_epoch}"
    layer = f", first in {clean(end.nonfinite_layer)}" if end.nonfinite_layer else ""
    return f"{clean(end.nonfinite_what)} at step {end.nonfinite_step}{layer}"


def _curves(run: RunRecord, ink: Ink, draws_unicode: bool) -> str:
    series = {
        "train_loss": [record.train_loss for record in run.trained],
        "val_loss": [record.val_loss for record in run.trained],
    }
    drawn = {name: values for name, values in series.items() if any(value is not None for value in values)}
    if len(run.trained) < 2 or not drawn:
        return ""
    look = curve_look(len(drawn), ink=ink, draws_unicode=draws_unicode)
    return chart(drawn, log=needs_log_axis(drawn.values()), look=look, paint=ink.curve)


def _epochs(run: RunRecord, ink: Ink) -> str:
    """Return the table of epochs: all of a short run; of a long one its beginning, best and end.

    Of a long one's pre-training, the last epoch of each layer.
    """
    if not run.epochs:
        return ""
    names = list(dict.fromkeys(name for record in run.epochs for name in record.metrics))
    heads = ["epoch", "train_loss", "val_loss", *names, "lr", "seconds"]
    columns = tuple(Column(name=clean(name), is_number=True) for name in heads)
    kept = _kept(run)
    rows = [_epoch_cells(record, names) for record in kept]
    note = "" if len(kept) == len(run.epochs) else f"\n({len(run.epochs)} epochs; --json has all)"
    return render_text(Table(columns, rows), ink=ink) + note


def _kept(run: RunRecord) -> list[EpochRecord]:
    if len(run.epochs) <= _MOST_EPOCHS:
        return list(run.epochs)
    best = run.summary.best_epoch
    edge = {record.epoch for record in (*run.trained[:3], *run.trained[-5:])}
    before = {record.extra.get("layer"): record for record in run.epochs if record.phase != "train"}
    return [*before.values(), *(one for one in run.trained if one.epoch in edge or one.epoch == best)]


def epoch_name(record: EpochRecord) -> str:
    """Return an epoch's number; of pre-training, with the layer that it trained."""
    if record.phase == "train":
        return str(record.epoch)
    return clean(f"{record.phase} {record.epoch}, {record.extra.get('layer', '')}".rstrip(" ,"))


def _epoch_cells(record: EpochRecord, names: list[str]) -> list[str]:
    numbers = [record.train_loss, record.val_loss, *(record.metrics.get(name) for name in names), record.lr]
    return [epoch_name(record), *map(show_number, numbers), f"{record.seconds:.2f}"]


def _findings(run: RunRecord, ink: Ink, is_full: bool) -> str:
    if not run.findings:
        return ""
    head = ink.paint(f"findings ({findings_summary(run.findings)})", "bold")
    return f"{head}\n{findings_view(run.findings, ink=ink, is_full=is_full, unfolded=is_full)}"


def _journal(run: RunRecord) -> Iterator[str]:
    for entry in run.journal:
        who = f" {clean(entry.author)}" if entry.author else ""
        reason = f" because {clean(entry.reason)}" if entry.reason else ""
        text = clean_block(entry.text).replace("\n", "\n    ") or "taken back"  # a suggestion without a text
        if entry.kind == "removal":
            text, reason = f"the {text} checkpoint", f" by {clean(entry.reason)}"
        yield f"{show_moment(entry.at)}{who} {entry.kind}: {text}{reason}"


def _provenance(run: RunRecord) -> Iterator[str]:
    start = run.start_of_run
    if start is not None:
        git = start.git
        state = f"{(git.sha or '')[:12]} {clean(git.branch or '(no branch)')}" if git.sha else clean(git.reason)
        yield f"git     {state}{', with uncommitted changes' if git.dirty else ''}"
        yield f"code    {start.code.identity[:12]}, {len(start.code.files)} file(s)"
        environment = start.environment
        device = next((attempt.device for attempt in reversed(run.attempts) if attempt.device), "")
        yield f"python  {clean(environment.python)}, torch {clean(environment.torch or '?')} {clean(device)}".rstrip()
        yield f"host    {clean(environment.host)}, {clean(environment.platform)}"
        yield f"command {clean(' '.join(environment.command_line))}"
    if run.data is not None:
        rows = ", ".join(f"{clean(name)} {split.rows}" for name, split in run.data.splits.items())
        fingerprint = run.data.fingerprint.value[:12] if run.data.fingerprint else "no fingerprint"
        yield f"data    {clean(run.data.source)} ({rows} rows) {fingerprint}"
    if start is not None and start.initial_weights is not None:
        yield f"weights {clean(_beginning(start.initial_weights))}"


def _beginning(initial: InitialWeightsRecord) -> str:
    """Say which checkpoint the weights began as."""
    where = initial.path or f"the {initial.checkpoint} checkpoint of {initial.run}"
    epoch = f", epoch {initial.epoch}" if initial.epoch is not None else ""
    return f"begun from {where}{epoch} ({initial.weights_hash[:12]})"


def _section(title: str, lines: list[str], ink: Ink) -> str:
    return "\n".join([ink.paint(title, "bold"), *(f"  {line}" for line in lines)]) if lines else ""
