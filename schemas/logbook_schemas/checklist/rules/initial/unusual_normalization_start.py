"""A normalization layer, or a learned slope, that begins at other values than is usual.

What it checks: before training, whether the scales of a normalization layer are 1 (or all 0, as residual branches
that begin at nothing have it) and its shifts 0, and whether the slopes of a PReLU lie below 1. Weights of an earlier
training pass.

Why it matters: other values scale or shift every signal behind them; mostly they were set by a loop that meant the
other layers.

Instead: scales of 1, shifts of 0, and initial weights for layers with a matrix of weights alone.

Source: My Neural Network isn't working! What should I do? (S0-48).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import listing
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None or begins_trained(evidence):
        return
    unusual = [layer.name for layer in evidence.start.layers if _is_unusual(layer, at)]
    if unusual:
        yield Said(
            message=f"Layers begin at unusual scales, shifts or slopes: {listing(unusual)}.",
            where=unusual[0],
            measured=[*unusual],
            expected="scales of 1 (or all 0), shifts of 0, slopes below 1",
            remedy="Leave them as PyTorch begins them, and set the weights of other layers alone.",
        )


def _is_unusual(layer: LayerRecord, at: Thresholds) -> bool:
    size, spread = layer.weight_abs_mean, layer.weight_std
    if layer.kind == "PReLU":
        return layer.weight_norm is not None and layer.weight_norm >= max(layer.parameters, 1) ** 0.5
    if "Norm" not in layer.kind or size is None or spread is None or layer.gradient_norm is None:
        return False
    is_usual = spread < at.tolerance and (abs(size - 1) < at.tolerance or size < at.tolerance)
    return not is_usual or (layer.bias_max or 0) > at.tolerance


def _layers(scale: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(name="norm", kind="BatchNorm1d", order=1, weight_abs_mean=scale, weight_std=0.0, gradient_norm=0.1),
    )


RULE = Rule(
    code="I107",
    name="unusual-normalization-start",
    severity="note",
    moment="start",
    title="A normalization layer begins at unusual values",
    why="Other scales and shifts change every signal behind them; mostly they were set by mistake.",
    source=cite("S0-48"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(0.01))),
    good=lambda: evidence(start=start(layers=_layers(1.0))),
    doc=__doc__ or "",
    thresholds={"tolerance": Threshold(1e-3, "how far scales may be from 1 or 0, and shifts from 0")},
)
