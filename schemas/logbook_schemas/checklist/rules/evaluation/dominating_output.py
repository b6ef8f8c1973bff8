"""One output that makes up nearly all of the loss.

What it checks: at the end of training, whether of a regression with several outputs one has more than 90 % of the
validation loss. A warning where its targets also vary more than ten times as much as is usual of the others, as the
loss sees them; else a note: it may just be the hardest.

Why it matters: the network learns that output, and the others only by the way.

Instead: scale the targets column by column (`data.targets`), or weight the outputs in the loss.

Source: My Neural Network isn't working! What should I do? (S0-08).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import end, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import ArrayRecord, OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    outputs = evidence.end.outputs if evidence.end else ()
    shares = [output.loss_share or 0.0 for output in outputs]
    if len(outputs) < 2 or max(shares) <= at.share:
        return
    place = shares.index(max(shares))
    targets = evidence.data.targets if evidence.data else None
    stds = targets.column_stds if targets is not None else ()
    others = [std for index, std in enumerate(stds) if index != place]
    usual = median(others) if others else 0.0
    ratio = stds[place] / usual if len(stds) == len(outputs) and usual > 0 else None
    is_large = ratio is not None and ratio > at.ratio
    because = f"; its targets vary {number(ratio)} times as much as is usual of them" if is_large and ratio else ""
    yield Said(
        message=f"Output {outputs[place].name} makes up {percent(shares[place])} of the validation loss{because}.",
        where=f"output {outputs[place].name}",
        measured=shares[place],
        expected=f"at most {percent(at.share)} for each of {len(outputs)} outputs",
        remedy="Scale the targets column by column, or weight the outputs in the loss.",
        change={"data.targets": [{"kind": "standardize"}]} if is_large else {},
        severity="warning" if is_large else "note",
    )


def _outputs(share: float) -> tuple[OutputRecord, ...]:
    numbers = {"prediction_mean": 0.0, "prediction_std": 1.0, "target_mean": 0.0, "target_std": 1.0}
    return tuple(
        OutputRecord(name=str(index), loss_share=part, **numbers) for index, part in enumerate((share, 1 - share))
    )


RULE = Rule(
    code="E108",
    name="dominating-output",
    severity="note",
    moment="end",
    title="One output makes up nearly all of the loss",
    why="The network learns that output, and the others only by the way.",
    source=cite("S0-08"),
    check=check,
    bad=lambda: evidence(
        data=regression_data(output_size=2, targets=ArrayRecord(column_stds=(300.0, 1.0))),
        end=end(outputs=_outputs(0.98)),
    ),
    good=lambda: evidence(data=regression_data(output_size=2), end=end(outputs=_outputs(0.6))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.9, "one output's share of the loss (S0-08)"),
        "ratio": Threshold(10.0, "deviation of its targets over the median of the others (S0-08)"),
    },
)
