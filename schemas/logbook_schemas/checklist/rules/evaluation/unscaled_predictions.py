"""Predictions in other units than the targets.

What it checks: at the end of training, whether the predictions of an output follow its targets (correlation above
0.9), while they vary more than ten times as much, or less than a tenth as much, both in original units. The latter is
a note: it may just not be trained to the end.

Why it matters: a target that was scaled for training must be scaled back, or each prediction is off by a factor.

Instead: scale targets by `data.targets`, which predictions undo; in code of your own, apply the inverse of what you
did to the targets.

Source: What to do when a neural network does not learn (S4-18).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import end, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for output in evidence.end.outputs if evidence.end else ():
        if output.correlation is None or output.correlation <= at.correlation or not output.target_std:
            continue
        ratio = output.prediction_std / output.target_std
        if 1 / at.times <= ratio <= at.times:
            continue
        yield Said(
            message=f"The predictions of output {output.name} follow the targets, but vary {number(ratio)} times as"
            f" much (standard deviations {number(output.prediction_std)} and {number(output.target_std)}).",
            where=f"output {output.name}",
            measured=ratio,
            expected=f"a ratio between {number(1 / at.times)} and {number(at.times)}",
            remedy="Scale the predictions back as the targets were scaled, or let data.targets do both.",
            severity="warning" if ratio > at.times else "note",
        )
        return


def _scaled(std: float) -> OutputRecord:
    return OutputRecord(
        name="0", prediction_mean=0.1, prediction_std=std, target_mean=150.8, target_std=77.0, correlation=0.95
    )


RULE = Rule(
    code="E103",
    name="unscaled-predictions",
    severity="warning",
    moment="end",
    title="The predictions are in other units than the targets",
    why="A target that was scaled for training must be scaled back, or each prediction is off by a factor.",
    source=cite("S4-18"),
    check=check,
    bad=lambda: evidence(data=regression_data(), end=end(outputs=(_scaled(6000.0),))),
    good=lambda: evidence(data=regression_data(), end=end(outputs=(_scaled(50.0),))),
    doc=__doc__ or "",
    thresholds={
        "times": Threshold(10.0, "deviation of the predictions over that of the targets, or its inverse (S4-18)"),
        "correlation": Threshold(0.9, "correlation from which on predictions follow the targets"),
    },
    explains=("no-better-than-baseline", "underfitting"),
)
