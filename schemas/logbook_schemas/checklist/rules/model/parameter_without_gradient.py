"""A trainable parameter that the loss sends no gradient to.

What it checks: after one backward pass on a real batch, whether a parameter that asks for gradients got none, or
exactly 0 in every entry, in evaluation and in training mode. What is frozen on purpose is no finding, and a layer
that is never called is another one (unused-module). Behind weights that begin at exactly 0 (a residual branch or a
head that is meant to grow from nothing) it is tried again with other weights: what has a gradient then is a note, as
long as those weights get one themselves. In a residual-cnn with `zero_init_residual` it is intended.

Why it matters: the parameter can't learn. Usually a layer is built and never called, a result is detached, or an
operation without a gradient (argmax, round, clip, a comparison) stands between it and the loss; or initial
weights are all 0.

Instead: call the layer or remove it; replace the operation by a differentiable one; begin with random weights.

Source: My Neural Network isn't working! What should I do? (S0-42, S0-43, S0-45); Debugging Neural Networks: A
Checklist (S3-12); What to do when a neural network does not learn (S4-04).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, listing
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not start.no_gradient:
        return
    names = tuple(
        name
        for name in start.no_gradient
        if not _begins_silent(evidence.config, name) and not _is_unused(start.unused, name)
    )
    if not names:
        return
    stuck = [name for name in names if name not in start.waking]
    begins_at_zero = bool(start.zero_weights) or any(layer.weight_norm == 0 for layer in start.layers)
    is_ours = evidence.config is not None and evidence.config.model.kind != "python"
    yield Said(
        message=f"The loss sends no gradient to {count(len(names), 'trainable parameter')}: {listing(names)}.",
        where=names[0],
        measured=list(names),
        expected="a gradient that isn't 0 everywhere",
        remedy=_remedy(begins_at_zero, is_ours),
        change=_change(evidence.config, begins_at_zero),
        severity=_severity(stuck, begins_at_zero=begins_at_zero, was_tried=bool(start.zero_weights), is_ours=is_ours),
    )


def _begins_silent(config: RunConfig | None, name: str) -> bool:
    """Say whether the config asks for residual blocks that begin at 0: nothing inside them has a gradient yet."""
    is_asked = config is not None and config.model.kind == "residual-cnn" and config.model.zero_init_residual
    return is_asked and (".residual." in name or ".before." in name)


def _severity(stuck: list[str], *, begins_at_zero: bool, was_tried: bool, is_ours: bool) -> Severity:
    """A layer of zeros that gets a gradient itself is no longer 0 after a step, and lets gradients through."""
    if was_tried:
        return "error" if stuck else "note"
    return "warning" if begins_at_zero and not is_ours else "error"


def _is_unused(unused: tuple[str, ...], name: str) -> bool:
    """Say whether a parameter is of a module that is never used, which is a finding of its own."""
    module = name.rpartition(".")[0] or "model"
    return module in unused


def _remedy(begins_at_zero: bool, is_ours: bool) -> str:
    if begins_at_zero:
        return "A layer begins with weights of 0, which passes no gradient on: begin with random weights."
    if is_ours:
        return "Look at the output activation and the initial weights: something passes no gradient on."
    return "Call the layer or remove it, and look for detach, argmax, round or clip on the way to the loss."


def _change(config: RunConfig | None, begins_at_zero: bool) -> dict[str, str]:
    init = getattr(config.model, "init", None) if config is not None else None
    is_zeros = init is not None and init.kind == "zeros"
    return {"model.init": "he"} if begins_at_zero and is_zeros else {}


RULE = Rule(
    code="M201",
    name="parameter-without-gradient",
    severity="error",
    moment="start",
    title="A trainable parameter gets no gradient",
    why="Without a gradient it can't learn: it is unused, cut off from the loss, or begins at a dead point.",
    source=cite("S0-42", "S0-43", "S0-45", "S3-12", "S4-04"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}), start=start(no_gradient=("unused.weight",))
    ),
    good=evidence,
    doc=__doc__ or "",
    explains=(*TRAINING,),
    version=2,
)
