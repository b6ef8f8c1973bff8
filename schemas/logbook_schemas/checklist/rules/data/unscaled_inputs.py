"""Inputs that reach the network in numbers far too large, far too small, or of very different sizes.

What it checks: the training inputs as the network sees them, after preparation. Columns of a mean within ±0.5 and a
standard deviation below 3 pass whatever their largest value is (a sparse column, standardised, reaches 40; sparse
counts too), and so does anything within ±1.5. Otherwise a warning: where more than 0.5 % of the values lie beyond
±10, or one beyond ±20;
where nothing exceeds 0.01; where one column varies 100 times as much as another; where most columns lie more than 20
of their deviations from zero, and half a unit at least: what differs is lost beside what doesn't. Constant columns
don't count, nor do columns that nearly always hold the background value (the corner pixels of an image). Whole numbers
handed to an rnn, a transformer or a person's own model are tokens, or may be, and are left alone.

Why it matters: large inputs make large outputs, losses and gradients, so that training explodes or every unit
dies; a column that varies little beside others is not learnt from.

Instead: subtract the mean and divide by the standard deviation, both of the training split alone; map bytes,
0 to 255, to -1 to 1.

Source: My Neural Network isn't working! What should I do? (S0-01, S0-04, S0-05); Troubleshooting Neural Net
Training (S1-01, S1-02, S1-03); Practical Advice for Building Deep Neural Networks (S2-09, S2-13); Debugging Neural
Networks: A Checklist (S3-06); What to do when a neural network does not learn (S4-20); where the guides contradict
each other on the right range, any of theirs passes (C5).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import ArrayRecord, DataRecord

__all__ = ["RULE"]

_BYTES = (100.0, 255.0)
_RARE = 0.3
"""A column that holds value v in a share p of the rows, else the background, has mean/std = √p: below 0.3 is rare."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.inputs is None or _may_be_tokens(evidence, data.inputs):
        return
    inputs = data.inputs
    if inputs.min is not None and inputs.max is not None:
        said = _range(data, inputs, inputs.min, inputs.max, at)
        if said is not None:
            yield said
            return
    said = _offset(inputs, at)
    if said is not None:
        yield said
        return
    yield from _columns(inputs, at)


def _may_be_tokens(evidence: Evidence, inputs: ArrayRecord) -> bool:
    has_table = evidence.config is not None and evidence.config.model.kind in ("python", "rnn", "transformer")
    return has_table and inputs.dtype.startswith("int")


def _range(data: DataRecord, inputs: ArrayRecord, low: float, high: float, at: Thresholds) -> Said | None:
    largest = max(abs(low), abs(high))
    if 0 < largest < at.smallest:
        return _said(f"No input exceeds {number(largest)}.", largest, "values of about 1")
    quantile = inputs.quantile_995
    of_columns = _largest_of_columns(inputs, at)
    is_far = of_columns > at.largest or (quantile is not None and quantile > at.quantile and of_columns > at.quantile)
    if of_columns <= at.small_range or not is_far:
        return None
    message = f"The inputs reach the network as {number(low)} to {number(high)}"
    if _look_like_bytes(data, inputs, low, high):
        return _said(f"{message}: they look like bytes.", largest, "-1 to 1", {"kind": "scale-bytes", "low": -1})
    spread = "" if inputs.mean is None or inputs.std is None else _spread(inputs.mean, inputs.std)
    return _said(f"{message}{spread}.", largest, "within about ±10, best mean 0 and standard deviation 1")


def _offset(inputs: ArrayRecord, at: Thresholds) -> Said | None:
    """Say whether most columns are a large constant and a small difference."""
    numbered = enumerate(zip(inputs.column_means, inputs.column_stds, strict=False))
    varying = [
        (abs(mean), std) for place, (mean, std) in numbered if std > 0 and not _is_rare(inputs, place, mean, std)
    ]
    distances = sorted(mean / std if mean >= at.mean else 0.0 for mean, std in varying)
    if not distances or (middle := distances[(len(distances) - 1) // 2]) <= at.offset:
        return None
    return _said(
        f"Most columns lie far from zero for what they vary: {number(middle)} standard deviations, in the middle.",
        middle,
        "columns of mean about 0",
    )


def _largest_of_columns(inputs: ArrayRecord, at: Thresholds) -> float:
    """Return the largest absolute value, standardised columns left out: a sparse one, standardised, reaches 40.

    Where the range of each column isn't known (records of the past, or of more columns than are kept), all pass
    together or none.
    """
    ends = list(zip(inputs.column_mins, inputs.column_maxs, strict=False))
    stds = list(zip(inputs.column_means, inputs.column_stds, strict=False))
    whole = max(abs(inputs.min or 0.0), abs(inputs.max or 0.0))
    if len(ends) != len(stds) or not ends or max(abs(edge) for pair in ends for edge in pair) < whole:
        if not stds and inputs.mean is not None and inputs.std is not None:
            stds = [(inputs.mean, inputs.std)]
        varying = [(mean, std) for mean, std in stds if std > 0]
        return 0.0 if varying and all(_is_standardised(mean, std, at) for mean, std in varying) else whole
    left = [pair for pair, (mean, std) in zip(ends, stds, strict=True) if not _is_standardised(mean, std, at)]
    return max((abs(edge) for pair in left for edge in pair), default=0.0)


def _is_standardised(mean: float, std: float, at: Thresholds) -> bool:
    return abs(mean) < at.mean and std < at.wide


def _spread(mean: float, std: float) -> str:
    return f" (mean {number(mean)}, standard deviation {number(std)})"


def _look_like_bytes(data: DataRecord, inputs: ArrayRecord, low: float, high: float) -> bool:
    raw = data.raw_inputs.dtype if data.raw_inputs else ""
    is_image = len(data.input_shape) > 1 or "uint8" in (raw, inputs.dtype) or high == _BYTES[1]
    return low >= 0 and _BYTES[0] < high <= _BYTES[1] and is_image


def _columns(inputs: ArrayRecord, at: Thresholds) -> Iterator[Said]:
    """Compare how much columns vary, leaving out constant ones and those that are nearly always background."""
    numbered = enumerate(zip(inputs.column_means, inputs.column_stds, strict=False))
    stds = {index: std for index, (mean, std) in numbered if std > 0 and not _is_rare(inputs, index, mean, std)}
    if len(stds) < 2:
        return
    widest, narrowest = max(stds, key=lambda index: stds[index]), min(stds, key=lambda index: stds[index])
    ratio = stds[widest] / stds[narrowest]
    if ratio > at.column_ratio:
        yield _said(
            f"Column {_name(inputs, widest)} varies {number(ratio)} times as much as column"
            f" {_name(inputs, narrowest)} (standard deviations {number(stds[widest])} and"
            f" {number(stds[narrowest])}).",
            ratio,
            "columns that vary alike, within a factor of 100",
        )


def _is_rare(inputs: ArrayRecord, index: int, mean: float, std: float) -> bool:
    own = [ends[index] for ends in (inputs.column_mins, inputs.column_maxs) if index < len(ends)]
    edges = own or [edge for edge in (inputs.min, inputs.max) if edge is not None]
    return std < 1e-6 * abs(mean) or any(abs(mean - edge) < _RARE * std for edge in edges)


def _name(inputs: ArrayRecord, index: int) -> str:
    return inputs.columns[index] if index < len(inputs.columns) else str(index)


def _said(message: str, measured: float, expected: str, step: dict[str, JsonValue] | None = None) -> Said:
    step = step or {"kind": "standardize"}
    return Said(
        message=message,
        where="data.inputs",
        measured=measured,
        expected=expected,
        remedy=f"Prepare the inputs: {step['kind']}.",
        change={"data.inputs": [step]},
    )


def _raw_wine() -> ArrayRecord:
    return ArrayRecord(
        mean=69.1,
        std=215.7,
        min=0.13,
        max=1680.0,
        quantile_995=1310.0,
        columns=("hue", "proline"),
        column_means=(0.96, 747.0),
        column_stds=(0.23, 315.0),
    )


RULE = Rule(
    code="D101",
    name="unscaled-inputs",
    severity="warning",
    moment="data",
    title="The inputs are not scaled",
    why="Large inputs make training explode or kill units; columns that vary little beside others are not learnt from.",
    source=cite("S0-01", "S0-04", "S0-05", "S1-01", "S1-02", "S1-03", "S2-09", "S2-13", "S3-06", "S4-20", "C5"),
    check=check,
    bad=lambda: evidence(data=data(inputs=_raw_wine())),
    good=lambda: evidence(data=data(inputs=ArrayRecord(mean=0.0, std=1.0, min=-4.0, max=14.6, quantile_995=5.2))),
    doc=__doc__ or "",
    thresholds={
        "largest": Threshold(20.0, "largest absolute value; healthy standardised inputs reached 13 (measured)"),
        "quantile": Threshold(10.0, "99.5 % quantile of the absolute values (S0-01)"),
        "smallest": Threshold(0.01, "largest absolute value below which inputs are too small (S1-03)"),
        "small_range": Threshold(1.5, "largest absolute value that always passes (S1-01)"),
        "mean": Threshold(0.5, "absolute mean below which a column may count as standardised (S1-01)"),
        "wide": Threshold(3.0, "standard deviation below which it may (S1-01)"),
        "offset": Threshold(
            20.0, "deviations from zero of the column in the middle (measured: 7 for iris in centimetres, which trains)"
        ),
        "column_ratio": Threshold(100.0, "standard deviation of the widest column over that of the narrowest (S0-05)"),
    },
    explains=(*SYMPTOMS, "ignored-inputs"),
    version=3,
)
