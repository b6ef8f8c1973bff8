"""Initial weights that are far larger or smaller than the layer's number of inputs asks for.

What it checks: the standard deviation of each trained weight matrix before training, against those of he, xavier and
lecun for its fan-in, whichever is nearest; PyTorch's own pass. Ten times as large is a warning. Three times as large,
or less than a third, is a warning where it shows: the untrained outputs are huge, hidden units sit at the bounds of
their activation, or the signal fades on its way through the hidden layers. Weights of one sign, as `uniform_` draws
them from 0 to 1, are a warning where the untrained outputs are huge. A small last layer, an embedding, a frozen layer
and weights of an earlier training pass.

Why it matters: every layer multiplies the signal by its scale. Too large, the first losses and gradients are huge,
and single units dominate; too small, nothing reaches the last layer and no gradient comes back. Batch normalization
hides it: the signal looks well, and the weights hardly move in proportion.

Instead: draw weights by the fan-in: he for relu and its relatives, xavier for tanh and sigmoid, lecun for selu. A
gaussian of 0.01 is for nets of at most three layers.

Source: My Neural Network isn't working! What should I do? (S0-45, S0-46); Troubleshooting Neural Net Training (S1-07,
S1-08); Practical Advice for Building Deep Neural Networks (S2-07, S2-25); Debugging Neural Networks: A Checklist
(S3-13); What to do when a neural network does not learn (S4-30); where the guides contradict each other on the
scheme, the effect is judged, not the name (C4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, fading, hidden_layers, matrices, remedy_init
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import LayerRecord, StartRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or begins_trained(evidence):
        return
    trained = [layer for layer in matrices(start.layers) if _is_drawn(layer)]
    large = [layer for layer in trained if (layer.weight_variance_ratio or 1) > at.noticeable]
    huge = [layer for layer in trained if (layer.weight_variance_ratio or 1) > at.large]
    hidden = {layer.name for layer in hidden_layers(start.layers)}
    small = [
        layer for layer in trained if layer.name in hidden and (layer.weight_variance_ratio or 1) < 1 / at.noticeable
    ]
    if not huge and (alike := [layer for layer in trained if _is_one_sided(layer, at)]) and _is_loud(start, at):
        yield _one_sided(evidence, alike)
    elif huge or (large and _is_loud(start, at)):
        yield _said(evidence, huge or large, "times as large as")
    elif small and _fades(start, at):
        yield _said(evidence, small, "times the size that", _sentence(start))


def _is_drawn(layer: LayerRecord) -> bool:
    """Say whether the weights are trained and random; those that are all alike have a rule of their own."""
    is_trained = layer.gradient_norm is not None
    return is_trained and bool(layer.weight_std) and bool(layer.weight_variance_ratio)


def _is_one_sided(layer: LayerRecord, at: Thresholds) -> bool:
    """Say whether weights lie on one side of 0: their mean size is then larger than their deviation."""
    size, fan_in = layer.weight_abs_mean, layer.fan_in
    return size is not None and (fan_in or 0) >= at.inputs and size > at.one_sided * (layer.weight_std or 0)


def _one_sided(evidence: Evidence, layers: Sequence[LayerRecord]) -> Said:
    worst = max(layers, key=lambda layer: (layer.weight_abs_mean or 0) * (layer.fan_in or 0))
    size, fan_in = worst.weight_abs_mean or 0, worst.fan_in or 0
    more = f" (so in {listing([layer.name for layer in layers if layer is not worst])})" if len(layers) > 1 else ""
    remedy, change = remedy_init(evidence)
    return Said(
        message=f"The initial weights of {worst.name} have one sign{more}: with a mean size of {number(size)} at"
        f" {fan_in} inputs, all its units say nearly the same, and {number(size * fan_in)} times as loud.",
        where=worst.name,
        measured=size,
        expected="weights around 0",
        remedy=remedy,
        change=change,
    )


def _is_loud(start: StartRecord, at: Thresholds) -> bool:
    std = start.outputs.std if start.outputs else None
    if std is not None and std > at.outputs:
        return True
    if any((layer.saturated_share or 0) > at.saturated for layer in hidden_layers(start.layers)):
        return True
    loss, expected = start.initial_loss, start.expected_loss
    return loss is not None and bool(expected) and loss > at.initial_loss * (expected or 1)


def _fades(start: StartRecord, at: Thresholds) -> bool:
    share, last = fading(start.layers)
    return (share is not None and share < at.fading) or (last is not None and last < at.faint)


def _sentence(start: StartRecord) -> str:
    share, _ = fading(start.layers)
    return f"; the signal fades to {number(share)} of what it was on its way to the output layer" if share else ""


def _said(evidence: Evidence, layers: Sequence[LayerRecord], how: str, effect: str = "") -> Said:
    worst = max(layers, key=lambda layer: max(layer.weight_variance_ratio or 1, 1 / (layer.weight_variance_ratio or 1)))
    ratio = worst.weight_variance_ratio or 1
    others = [layer.name for layer in layers if layer is not worst]
    more = f" ({listing(others)}, too)" if others else ""
    remedy, change = remedy_init(evidence)
    return Said(
        message=f"The initial weights of {worst.name}{more} are {number(ratio)} {how} he, xavier or lecun draw them:"
        f" standard deviation {number(worst.weight_std or 0)} at {worst.fan_in} inputs{effect}.",
        where=worst.name,
        measured=ratio,
        expected="a standard deviation within a factor of 3 of that of he, xavier or lecun",
        remedy=remedy,
        change=change,
    )


def _layers(ratio: float) -> tuple[LayerRecord, ...]:
    names = ("hidden.0.linear", "hidden.1.linear", "output")
    return tuple(
        LayerRecord(
            name=name, kind="Linear", order=order, fan_in=64, weight_std=0.18 * ratio, weight_variance_ratio=ratio,
            gradient_norm=1.0, unit_std=1.0, parameters=4160,
        )
        for order, name in enumerate(names)
    )  # fmt: skip


RULE = Rule(
    code="I101",
    name="unscaled-initial-weights",
    severity="warning",
    moment="start",
    title="The initial weights are not scaled to the layers",
    why="Every layer multiplies the signal by its scale: too large explodes, too small lets nothing through.",
    source=cite("S0-45", "S0-46", "S1-07", "S1-08", "S2-07", "S2-25", "S3-13", "S4-30", "C4"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(15.0))),
    good=lambda: evidence(start=start(layers=_layers(0.6))),
    doc=__doc__ or "",
    thresholds={
        "noticeable": Threshold(3.0, "standard deviation over the nearest fan-in based one, either way (S0-46, S4-30)"),
        "large": Threshold(10.0, "the same, where it needs no other sign (S0-46, S4-30)"),
        "outputs": Threshold(5.0, "deviation of the untrained outputs; healthy ones reach 2 (measured)"),
        "saturated": Threshold(0.5, "share of a hidden layer's untrained outputs within 1 % of a bound (S3-22)"),
        "initial_loss": Threshold(3.0, "initial loss over that of a guess; healthy ones reach 2.6 (C21)"),
        "fading": Threshold(1e-2, "what the output layer is given over the first layer's sums (S3-14)"),
        "one_sided": Threshold(
            1.2, "mean size of weights over their deviation; around 0: 0.8 normal, 0.87 uniform, 1 of two values"
        ),
        "inputs": Threshold(4.0, "inputs of a layer below which one sign does little (XOR learns with it)"),
        "faint": Threshold(1e-3, "deviation of what the output layer is given (S3-13)"),
    },
    explains=SYMPTOMS,
    version=2,
)
