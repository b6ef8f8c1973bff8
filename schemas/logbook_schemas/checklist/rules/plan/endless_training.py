"""A long training that nothing ends but the number of its epochs.

What it checks: more than 50 epochs without early stopping, where there is a validation split to stop by and no limit
on steps or time is set. A note; the weights of the best epoch are kept either way. A config that limits its data, to
learn a few rows by heart, is left alone.

Why it matters: what is trained on after the validation loss has turned is time lost, and the network of the last
epoch is worse than an earlier one.

Instead: early stopping with a patience of 5 to 10 epochs.

Source: Troubleshooting Neural Net Training (S1-11, S1-30).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.training.epochs <= at.epochs or known.data.limit is not None:
        return
    training = known.training
    if not known.data.split.has_validation:
        return
    if training.early_stopping is None and training.steps is None and training.time_limit is None:
        yield Said(
            message=f"{count(training.epochs, 'epoch')} are trained, and nothing ends them early.",
            where="training.early_stopping",
            measured=training.epochs,
            expected=f"early stopping beyond {at.epochs:.0f} epochs",
            remedy="Stop after 10 epochs without improvement.",
            change={"training.early_stopping": {"patience": 10}},
        )


RULE = Rule(
    code="B105",
    name="endless-training",
    severity="note",
    moment="config",
    title="Nothing ends a long training but the number of its epochs",
    why="What is trained on after the validation loss has turned is time lost.",
    source=cite("S1-11", "S1-30"),
    check=check,
    bad=lambda: evidence(config=config(training={"epochs": 200}), epochs=()),
    good=lambda: evidence(config=config(training={"epochs": 200, "early_stopping": {"patience": 10}})),
    doc=__doc__ or "",
    thresholds={"epochs": Threshold(50.0, "epochs above which it is noted (S1-11)")},
)
