"""Far more parameters than examples to learn them from.

What it checks: trainable parameters above 100 times the values of the targets in the training split (rows times
positions, for a language model). A note: such networks often generalize all the same, and mostly cost time.

Why it matters: a network that can store every example may learn them by heart.

Instead: fewer units or layers, early stopping, or weights of an earlier training.

Source: My Neural Network isn't working! What should I do? (S0-57); Troubleshooting Neural Net Training (S1-29); What
to do when a neural network does not learn (S4-25).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import count, number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    known = evidence.start
    if evidence.config is None or evidence.data is None or trained is None or known is None or not trained.rows:
        return
    positions = evidence.data.input_shape[0] if evidence.config.task == "language-model" else 1
    examples = trained.rows * max(1, positions)
    if known.trainable > at.ratio * examples:
        yield Said(
            message=f"{known.trainable:,} parameters are learnt from {count(examples, 'example')}:"
            f" {number(known.trainable / examples)} for each.",
            where="model",
            measured=known.trainable / examples,
            expected=f"fewer than {at.ratio:.0f} parameters for each example",
            remedy="Try fewer units, and watch the validation loss.",
        )


RULE = Rule(
    code="M110",
    name="oversized-network",
    severity="note",
    moment="start",
    title="Far more parameters than examples",
    why="A network that can store every example may learn them by heart.",
    source=cite("S0-57", "S1-29", "S4-25"),
    check=check,
    bad=lambda: evidence(config=config(), start=start(parameters=2_000_000, trainable=2_000_000)),
    good=lambda: evidence(config=config(), start=start(parameters=80_000, trainable=80_000)),
    doc=__doc__ or "",
    thresholds={"ratio": Threshold(100.0, "trainable parameters for each example above which it is noted (S0-57)")},
    explains=POOR_VALIDATION,
)
