"""A training that only its loss is known of.

What it checks: whether a trained network was measured by no metric, while its loss isn't in the task's own units (as
the absolute error of targets that aren't scaled is).

Why it matters: a loss of 0.3 says nothing to whoever uses the network: what does it get right, by how much is it off?

Instead: add accuracy, or the mean absolute error, which is given in the targets' own units.

Source: My Neural Network isn't working! What should I do? (S0-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds

__all__ = ["RULE"]

_METRICS = {
    "classification": "accuracy",
    "binary": "accuracy",
    "multilabel": "accuracy",
    "regression": "mae",
    "reconstruction": "mae",
    "metric-learning": "nearest-neighbour-accuracy",
    "language-model": "perplexity",
}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    config_of_run, epochs = evidence.config, last_phase(evidence)
    if config_of_run is None or evidence.end is None or not epochs or config_of_run.metrics:
        return
    if config_of_run.loss.kind == "l1" and not config_of_run.data.targets:
        return
    metric = _METRICS.get(config_of_run.task)
    yield Said(
        message=f"The network is known only by its loss ({config_of_run.loss.kind}).",
        where="metrics",
        measured=None,
        expected="a metric in the task's own units",
        remedy="Add a metric that says what the loss means in practice.",
        change={"metrics": [metric]} if metric else {},
    )


RULE = Rule(
    code="E107",
    name="unmeasured-in-task-units",
    severity="note",
    moment="end",
    title="Only the loss is known",
    why="A loss says nothing to whoever uses the network: what does it get right, by how much is it off?",
    source=cite("S0-11"),
    check=check,
    bad=lambda: evidence(config=config(metrics=[]), epochs=curve([1.3, 0.9, 0.8], [0.5, 0.3, 0.2]), end=end()),
    good=evidence,
    doc=__doc__ or "",
)
