"""L-BFGS on minibatches.

What it checks: torch's own L-BFGS, named as a person's optimizer or built by their code, with batches that are smaller
than the training split. Our kind `lbfgs` refuses them by itself.

Why it matters: L-BFGS learns the curvature from the difference of two gradients. Of two different batches that
difference is mostly noise, and a step may go anywhere.

Instead: batches of all rows, or Adam.

Source: Troubleshooting Neural Net Training (S1-36).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.torch_targets import built_optimizer

__all__ = ["RULE"]

_LBFGS = {"kind": "python", "target": "torch.optim:LBFGS"}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    known = evidence.config
    trained = evidence.data.splits.get("train") if evidence.data else None
    if known is None or trained is None or known.training.batch_size == "all":
        return
    size, built = known.training.batch_size, built_optimizer(evidence)
    if built is not None and built.kind == "lbfgs" and size < trained.rows:
        yield Said(
            message=f"L-BFGS gets batches of {size:,} of {trained.rows:,} rows: it takes their noise for curvature.",
            where="training.batch_size",
            measured=size,
            expected="all rows in a batch",
            remedy="Set training.batch_size to all, or take the optimizer adam.",
            change={"training.batch_size": "all"},
        )


RULE = Rule(
    code="L105",
    name="minibatch-lbfgs",
    severity="warning",
    moment="start",
    title="L-BFGS on minibatches",
    why="It learns the curvature from two gradients; of two batches their difference is mostly noise.",
    source=cite("S1-36"),
    check=check,
    bad=lambda: evidence(config=config(optimizer=_LBFGS)),
    good=lambda: evidence(config=config(optimizer=_LBFGS, training={"batch_size": "all"})),
    doc=__doc__ or "",
    version=2,
    explains=(*TRAINING,),
)
