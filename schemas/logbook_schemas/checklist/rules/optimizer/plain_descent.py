"""Gradient descent without momentum.

What it checks: the optimizer is plain gradient descent, ours or torch's with momentum 0. A note: it works, and takes
longer. Batches of all rows are left alone, where plain descent may be what is studied.

Why it matters: momentum, rmsprop and adagrad get as far in fewer steps, and forgive a rate that isn't right.

Instead: momentum 0.9, or Adam at 0.001.

Source: Troubleshooting Neural Net Training (S1-34, S1-35); What to do when a neural network does not learn (S4-38);
where the guides contradict each other on the optimizer, none is preferred and this stays a note (C3).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.torch_targets import optimizer_settings

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.training.batch_size == "all":
        return
    settings = optimizer_settings(known.optimizer)
    if settings.kind == "sgd":
        is_ours = settings.path == "optimizer"
        yield Said(
            message="The optimizer is gradient descent without momentum, which needs more steps than others.",
            where="optimizer",
            measured=0.0,
            expected="momentum of about 0.9, or an adaptive optimizer",
            remedy="Try momentum 0.9, or adam.",
            change={"optimizer": "momentum"} if is_ours else {"optimizer.kwargs.momentum": 0.9},
        )


RULE = Rule(
    code="L103",
    name="plain-descent",
    severity="note",
    moment="config",
    title="Gradient descent without momentum",
    why="Momentum and adaptive optimizers get as far in fewer steps.",
    source=cite("S1-34", "S1-35", "S4-38", "C3"),
    check=check,
    bad=lambda: evidence(config=config(optimizer="sgd")),
    good=lambda: evidence(config=config(optimizer="momentum")),
    doc=__doc__ or "",
)
