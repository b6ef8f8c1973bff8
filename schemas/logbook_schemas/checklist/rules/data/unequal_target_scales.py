"""Several targets of very different size under one loss.

What it checks: regression targets of two columns or more as the network meets them: the largest deviation over the
smallest, constant ones left out, and targets that are the inputs themselves, as an autoencoder's. Above 10 it is a
warning under the losses mse, l1 and huber, a note under a person's own, which may weigh them.

Why it matters: a target that varies ten times as much has a hundred times the share of a squared loss; the others
are hardly learnt.

Instead: standardise the targets, each column by itself.

Source: My Neural Network isn't working! What should I do? (S0-08). Measured: scikit-learn's linnerud, three targets
as loaded, is at 7.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import ArrayRecord, DataRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.task != "regression" or data.targets is None:
        return
    if _are_inputs(data):
        return
    stds = {place: std for place, std in enumerate(data.targets.column_stds) if std > 0}
    if len(stds) < 2:
        return
    widest, narrowest = max(stds, key=lambda place: stds[place]), min(stds, key=lambda place: stds[place])
    ratio = stds[widest] / stds[narrowest]
    if ratio > at.ratio:
        is_own = evidence.config is not None and evidence.config.loss.kind == "python"
        yield Said(
            message=f"Target {widest} varies {number(ratio)} times as much as target {narrowest} (standard deviations"
            f" {number(stds[widest])} and {number(stds[narrowest])}): it rules the loss.",
            where="data.targets",
            measured=ratio,
            expected=f"targets that vary alike, within a factor of {number(at.ratio)}",
            remedy="Prepare the targets: standardize.",
            change={"data.targets": [{"kind": "standardize"}]},
            severity="note" if is_own else None,
        )


def _are_inputs(data: DataRecord) -> bool:
    """Say whether the targets are the inputs over again: pixels vary as they do."""
    inputs, targets = data.inputs, data.targets
    if inputs is None or targets is None or not targets.std:
        return False
    return (inputs.mean, inputs.std, inputs.min, inputs.max) == (targets.mean, targets.std, targets.min, targets.max)


def _two(std: float) -> ArrayRecord:
    return ArrayRecord(mean=0.0, std=1.0, column_means=(0.0, 0.0), column_stds=(1.0, std))


RULE = Rule(
    code="D117",
    name="unequal-target-scales",
    severity="warning",
    moment="data",
    title="Several targets of very different size",
    why="A target that varies ten times as much has a hundred times the share of a squared loss.",
    source=cite("S0-08"),
    check=check,
    bad=lambda: evidence(data=regression_data(output_size=2, targets=_two(40.0))),
    good=lambda: evidence(data=regression_data(output_size=2, targets=_two(7.7))),
    doc=__doc__ or "",
    thresholds={"ratio": Threshold(10.0, "largest deviation of a target over the smallest (S0-08)")},
    explains=(
        "dominating-output",
        *TRAINING,
    ),
)
