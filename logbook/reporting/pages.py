"""Records in, a page of HTML out: what stands in a page is decided here, how it looks in `templates/`."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from logbook_schemas.checklist.ranking import Cause, fold
from logbook_schemas.checklist.sentence import as_option, cause_sentence
from logbook_schemas.config.leaves import flatten

if TYPE_CHECKING:
    from jinja2 import Environment
    from pydantic import JsonValue

    from logbook_schemas.records.comparison import Comparison, MetricValues
    from logbook_schemas.records.runs import RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["comparison_page", "run_page"]

_MOST_EPOCHS = 40
"""Epochs in the table; of more the first, the best and the last."""


class Fact(NamedTuple):
    """One line of a table of facts."""

    name: str
    value: str


def run_page(run: RunRecord, *, pictures: Sequence[bytes] = ()) -> str:
    """Return the page of a run; `pictures` are SVG files."""
    return _render(
        "run.html",
        title=_title(run),
        run=run,
        cause=cause_sentence(run.findings),
        facts=[*_facts(run)],
        causes=fold(run.findings),
        settings=[Fact(path, _shown(value)) for path, value in flatten(run.config)],
        provenance=[*_provenance(run)],
        epochs=_epochs(run),
        metrics=list(dict.fromkeys(name for record in run.epochs for name in record.metrics)),
        pictures=[_embedded(picture) for picture in pictures],
    )


def comparison_page(comparison: Comparison, runs: Sequence[RunRecord], *, pictures: Sequence[bytes] = ()) -> str:
    """Return the page of several runs beside each other."""
    return _render(
        "comparison.html",
        title=" · ".join(f"{run.summary.id} {run.summary.name}@{run.summary.version}" for run in comparison.runs),
        comparison=comparison,
        hypotheses=[Fact(run.summary.id, run.summary.hypothesis) for run in runs if run.summary.hypothesis],
        causes=[(run.summary, cause_sentence(run.findings), fold(run.findings)) for run in runs],
        rows=[*_compared(comparison)],
        pictures=[_embedded(picture) for picture in pictures],
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("logbook.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "value": _shown, "also": _also}
    environment.globals["as_option"] = as_option
    return environment


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


def _embedded(picture: bytes) -> str:
    """Return a picture as an address that holds it; inside an image nothing that an SVG says can run."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode('ascii')}"


def _title(run: RunRecord) -> str:
    return f"{run.summary.id} {run.summary.words} {run.summary.name}@{run.summary.version}"


def _facts(run: RunRecord) -> Iterator[Fact]:
    summary = run.summary
    yield Fact("status", summary.status)
    if summary.best_epoch is not None:
        yield Fact(f"best {summary.monitor_metric}", f"{_number(summary.best_value)} at epoch {summary.best_epoch}")
    yield Fact("epochs", str(summary.epochs))
    yield Fact("time", f"{summary.seconds:.3g} s")
    yield Fact("started", summary.started_at)
    if summary.seed is not None:
        yield Fact("seed", str(summary.seed))
    if summary.tags:
        yield Fact("tags", ", ".join(summary.tags))
    if summary.outcome:
        yield Fact("outcome", _outcome(summary))
    last = run.attempts[-1] if run.attempts else None
    if last and last.error:
        yield Fact("error", last.error.message)
    elif last and last.reason:
        yield Fact("reason", last.reason)
    if run.end is not None and run.end.test_loss is not None:
        metrics = "".join(f", {name} {_number(value)}" for name, value in run.end.test_metrics.items())
        yield Fact("test split", f"loss {_number(run.end.test_loss)}{metrics}")


def _outcome(summary: RunSummary) -> str:
    """Return what became of a run, and why; what nobody has confirmed is said to be suggested."""
    by = " (suggested)" if summary.outcome_by == "logbook" else ""
    return f"{summary.verdict}{by}{': ' if summary.outcome_reason else ''}{summary.outcome_reason}"


def _provenance(run: RunRecord) -> Iterator[Fact]:
    yield Fact("config", run.summary.config_hash)
    yield Fact("recipe", run.summary.recipe_hash)
    yield Fact("uuid", run.summary.uuid)
    if run.data is not None:
        splits = ", ".join(f"{name} {split.rows:,}" for name, split in run.data.splits.items())
        yield Fact("data", f"{run.data.source}: {splits} rows")
        if run.data.fingerprint is not None:
            yield Fact("data fingerprint", f"{run.data.fingerprint.method} {run.data.fingerprint.value}")
    if run.start_of_run is None:
        return
    git, environment = run.start_of_run.git, run.start_of_run.environment
    dirty = " with uncommitted changes" if git.dirty else ""
    yield Fact("git", f"{git.sha or git.state}{f' ({git.branch})' if git.branch else ''}{dirty}")
    yield Fact("code", run.start_of_run.code.identity)
    yield Fact("python", f"{environment.python} on {environment.platform}")
    if environment.torch:
        yield Fact("torch", f"{environment.torch}{f', CUDA {environment.cuda}' if environment.cuda else ''}")
    yield Fact("machine", ", ".join(part for part in (environment.cpu, *environment.gpus) if part))


def _epochs(run: RunRecord) -> list[Any]:
    if len(run.epochs) <= _MOST_EPOCHS:
        return list(run.epochs)
    half = _MOST_EPOCHS // 2
    best = [record for record in run.trained if record.epoch == run.summary.best_epoch]
    kept = [*run.epochs[:half], *best, *run.epochs[-half:]]
    return sorted({id(record): record for record in kept}.values(), key=run.epochs.index)


def _compared(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    runs = comparison.runs
    yield "status", [run.summary.status for run in runs]
    yield "epochs", [str(run.summary.epochs) for run in runs]
    yield "time", [f"{run.summary.seconds:.3g} s" for run in runs]
    yield "outcome", [_outcome(run.summary) for run in runs]
    for name in ("code", "data", "environment"):
        yield name, ["", *(str(getattr(run, name)) for run in runs[1:])]
    if any(run.changed_files for run in runs):
        yield "changed files", [", ".join(run.changed_files) for run in runs]
    for setting in comparison.settings:
        shown = ["" if value is None else _shown(value) for value in setting.values]
        if any(shown):
            yield f"{setting.path} ({setting.effect})" if setting.effect else setting.path, shown
    for metric in comparison.metrics:
        yield f"{metric.name} best", [_best(metric, place) for place, _ in enumerate(runs)]
        yield f"{metric.name} last", [_number(value) for value in metric.last]
    if any(run.replicates for run in runs):
        yield "over seeds", [_over_seeds(run) for run in runs]


def _best(metric: MetricValues, place: int) -> str:
    value, gain = metric.best[place], metric.gain[place]
    if value is None:
        return ""
    difference = f" ({gain:+.4g})" if place and gain is not None else ""
    return f"{_number(value)} at epoch {metric.best_epochs[place]}{difference}"


def _over_seeds(run: Any) -> str:
    found, noise = run.replicates, run.noise
    if found is None:
        return ""
    tested = f"; p = {noise.p:.2g}" if noise is not None else ""
    return f"{_number(found.mean)} ± {_number(found.deviation)} ({found.runs} runs{tested})"


def _also(cause: Cause) -> str:
    """Return what is folded under a cause, rule by rule."""
    places: dict[str, dict[str, None]] = {}
    for symptom in cause.symptoms:
        found = places.setdefault(f"{symptom.code} {symptom.name}", {})
        if symptom.where:
            found[symptom.where] = None
    return "; ".join(f"{name} ({', '.join(found)})" if found else name for name, found in places.items())


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if math.isfinite(value) else str(value)


def _shown(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
