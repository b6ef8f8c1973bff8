"""A regression that predicts the same for every example.

What it checks: at the end of training, whether the predictions of the best epoch vary by less than 2 % of what the
validation targets do (standard deviations, in original units), for every output.

Why it matters: the network has found the mean of the targets and ignores its inputs.

Instead: look at the learning rate, the scale of inputs and targets, dead units and the output activation.

Source: Debugging Neural Networks: A Checklist (S3-33).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, end, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    outputs = [output for output in evidence.end.outputs if output.target_std > 0] if evidence.end else []
    if not outputs or any(output.prediction_std >= at.share * output.target_std for output in outputs):
        return
    first = max(outputs, key=lambda output: output.prediction_std / output.target_std)
    yield Said(
        message=f"Every validation example is predicted to be about {number(first.prediction_mean)} (standard deviation"
        f" {number(first.prediction_std)}), while the targets vary by {number(first.target_std)}.",
        where="validation predictions",
        measured=first.prediction_std / first.target_std,
        expected="predictions that vary with the inputs",
        remedy="Look at the learning rate, the scale of inputs and targets, dead units and the output activation.",
    )


def _flat(std: float) -> OutputRecord:
    return OutputRecord(name="0", prediction_mean=152.1, prediction_std=std, target_mean=150.8, target_std=77.0)


RULE = Rule(
    code="T114",
    name="constant-predictions",
    severity="warning",
    moment="end",
    title="All predictions are the same",
    why="The network has found the mean of the targets and ignores its inputs.",
    source=cite("S3-33"),
    check=check,
    bad=lambda: evidence(
        data=regression_data(), epochs=curve([0.51, 0.5, 0.5], [0.51, 0.5, 0.5]), end=end(outputs=(_flat(0.2),))
    ),
    good=lambda: evidence(data=regression_data(), end=end(outputs=(_flat(50.0),))),
    doc=__doc__ or "",
    thresholds={"share": Threshold(0.02, "deviation of the predictions over that of the targets (measured)")},
    explains=("underfitting",),
)
