"""A validation or test split that is scaled otherwise than the training split, or by its own statistics.

What it checks: splits that the source brings, feature by feature, as the network sees them; features constant or rare
in training are left out. An error where in more than half of them the deviations differ more than 10 times, or the
means lie more than 10 deviations apart; a warning where in four fifths of them, of two at the least, the
deviations differ more than 2 times in one direction. A warning, too, where each split, as loaded, has mean 0 and
deviation 1 to four digits, which only its own statistics give.

Why it matters: the network learnt what 1 means in the training split. Validation rows in other units are another
problem to it, and their loss says nothing of the model.

Instead: fit the scaling on the training split and apply it to every split; best leave it to `data.inputs`.

Source: Troubleshooting Neural Net Training (S1-06); Practical Advice for Building Deep Neural Networks (S2-10); What
to do when a neural network does not learn (S4-16, S4-17). Measured on scikit-learn's tables and random splits of 10 %
and more: deviations of features differ 2.1 times at the most (pixels that are rarely set aside), means by 0.33
deviations; the middle feature at most 1.2 times.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import ArrayRecord, DataRecord, ShiftRecord

__all__ = ["RULE"]

_RARE = 0.3
"""A column that holds a value in a share p of the rows, else the background, has mean/std = √p: below 0.3 is rare."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    for shift in data.shifts if data is not None else ():
        if data is not None and shift.given and shift.rows >= at.rows:
            said = _scaled_apart(data, shift, at) or _self_fitted(data, shift, at)
            if said is not None:
                yield said


def _scaled_apart(data: DataRecord, shift: ShiftRecord, at: Thresholds) -> Said | None:
    places = [place for place in range(len(shift.ratios)) if shift.ratios[place] > 0 and not _is_rare(data, place)]
    if not places:
        return None
    ratios, shifts = [shift.ratios[place] for place in places], [abs(shift.shifts[place]) for place in places]
    far = sum(
        not 1 / at.large < ratio < at.large or moved > at.large for ratio, moved in zip(ratios, shifts, strict=True)
    )
    if 2 * far > len(places):
        return _said(shift, ratios, shifts, "error")
    most = at.most * len(places)
    is_apart = (
        sum(ratio > at.ratio for ratio in ratios) >= most or sum(ratio * at.ratio < 1 for ratio in ratios) >= most
    )
    return _said(shift, ratios, shifts, "warning") if is_apart and len(places) > 1 else None


def _is_rare(data: DataRecord, place: int) -> bool:
    """Say whether a feature hardly varies in the training split: rows of another one may well."""
    inputs = data.inputs
    if inputs is None or place >= min(len(inputs.column_mins), len(inputs.column_stds)):
        return False
    mean, std = inputs.column_means[place], inputs.column_stds[place]
    ends = (inputs.column_mins[place], inputs.column_maxs[place])
    return std <= 1e-6 * abs(mean) or any(abs(mean - end) < _RARE * std for end in ends)


def _said(shift: ShiftRecord, ratios: list[float], shifts: list[float], severity: Severity) -> Said:
    ratio, moved = median(ratios), median(shifts)
    return Said(
        message=f"The {shift.split} split is scaled otherwise than the training split: its values vary"
        f" {number(ratio)} times as much, and their means lie {number(moved)} deviations apart (the feature in the"
        " middle).",
        where=f"data.source: {shift.split}",
        measured=ratio,
        expected="the training split's scaling, applied to every split",
        remedy="Fit the scaling on the training split and apply it to all, or leave it to data.inputs.",
        severity=severity,
    )


def _self_fitted(data: DataRecord, shift: ShiftRecord, at: Thresholds) -> Said | None:
    raw, mean, std = data.raw_inputs, shift.raw_mean_error, shift.raw_std_error
    if raw is None or mean is None or std is None or max(mean, std) > at.exact or data.sampled:
        return None
    varying = [(one, two) for one, two in zip(raw.column_means, raw.column_stds, strict=False) if two > 0]
    rows = data.splits["train"].rows if "train" in data.splits else 2
    slack = at.exact + 1 / max(1, rows)
    if not varying or any(abs(one) > at.exact or abs(two - 1) > slack for one, two in varying):
        return None
    return Said(
        message=f"The training and the {shift.split} split both have mean 0 and deviation 1, to four digits: was each"
        " scaled by its own statistics?",
        where=f"data.source: {shift.split}",
        measured={"mean": mean, "deviation from 1": std},
        expected="the training split's statistics in every split, which fit the others nearly",
        remedy="Fit the scaling on the training split and apply it to all, or leave it to data.inputs.",
        explains=("drifting-inputs", *POOR_VALIDATION),
    )


def _apart(ratio: float) -> DataRecord:
    shift = ShiftRecord(
        split="validation", rows=400, given=True, columns=("a", "b"), ratios=(ratio, ratio), shifts=(0.1, 0.2)
    )
    ends = {"column_mins": (-2.0, -2.0), "column_maxs": (2.0, 2.0)}
    inputs = ArrayRecord(columns=("a", "b"), column_means=(0.0, 0.0), column_stds=(1.0, 1.0), **ends)
    return data(inputs=inputs, shifts=(shift,))


RULE = Rule(
    code="D119",
    name="validation-scaled-apart",
    severity="warning",
    moment="data",
    title="The validation split is scaled otherwise than the training split",
    why="Validation rows in other units are another problem to the network: their loss says nothing of it.",
    source=cite("S1-06", "S2-10", "S4-16", "S4-17"),
    check=check,
    bad=lambda: evidence(data=_apart(255.0)),
    good=lambda: evidence(data=_apart(1.2)),
    doc=__doc__ or "",
    thresholds={
        "large": Threshold(10.0, "factor between deviations, or distance of means in deviations: error (S1-06, S4-16)"),
        "ratio": Threshold(2.0, "factor between deviations: warning (S1-06)"),
        "most": Threshold(0.8, "share of the features for the warning: single ones drift"),
        "exact": Threshold(1e-4, "distance from mean 0 and deviation 1 that only own statistics give (S4-17: 1e-6)"),
        "rows": Threshold(20, "rows of the split from which on its statistics mean something"),
    },
    explains=(
        "drifting-inputs",
        *TRAINING,
        *POOR_VALIDATION,
    ),
    version=2,
)
