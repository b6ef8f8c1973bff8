"""A network that has learnt its training examples and little else.

What it checks: at the end of training, whether the network has come more than 15 points further from guessing to
perfection on training examples than on validation examples, both by the loss or the metric that says most. A gap
alone is a note: what counts is how good the validation is. A warning where the training examples are learnt nearly by
heart and validation is less than 30 % of the way; and where there are fewer than 10 training rows for each class, and
these are learnt by more than 70 % and validation by less than half: so few rows tell no class from another.

Why it matters: the network keeps the examples instead of what they have in common, or there is nothing in common: the
validation rows or their labels are of another kind.

Instead: see whether labels and inputs belong together and whether both splits come from the same source; then get
more data, stop earlier, add dropout, weight decay or noise, or take a smaller network.

Source: Troubleshooting Neural Net Training (S1-10); My Neural Network isn't working! What should I do? (S0-12); What
to do when a neural network does not learn (S4-13, S4-25).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import learnt_share, trained_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if evidence.end is None or not epochs or (epochs[-1].val_loss is None and not epochs[-1].metrics):
        return
    trained, learnt = trained_share(evidence, epochs[-1]), learnt_share(evidence, epochs[-1])
    if trained is None or learnt is None or trained < at.trained or trained - learnt <= at.gap:
        return
    is_by_heart = trained >= at.by_heart and learnt < at.poor
    is_starved = _has_few_rows(evidence, at) and trained >= at.starved and learnt < at.half
    yield Said(
        message=f"In epoch {epochs[-1].epoch} the network has come {percent(trained)} of the way from guessing to"
        f" perfection on training examples, and {percent(max(0.0, learnt))} on validation examples.",
        where="validation",
        measured=trained - learnt,
        expected=f"a gap of at most {percent(at.gap)}",
        remedy="See whether labels belong to their inputs; then get more data, stop earlier or regularize.",
        severity="warning" if is_by_heart or is_starved else "note",
    )


def _has_few_rows(evidence: Evidence, at: Thresholds) -> bool:
    """Say whether the classes have few training rows, and enough validation rows to say what comes of it."""
    splits = evidence.data.splits if evidence.data else {}
    if evidence.data is None or not evidence.data.classes or not {"train", "validation"} <= splits.keys():
        return False
    few = at.few_rows * len(evidence.data.classes)
    return splits["train"].rows < few and splits["validation"].rows >= at.validated


RULE = Rule(
    code="T112",
    name="memorized-training-set",
    severity="note",
    moment="end",
    title="The network does much better on training examples than on others",
    why="It keeps the examples instead of what they have in common, or there is nothing in common.",
    source=cite("S0-12", "S1-10", "S4-13", "S4-25"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([1.1, 0.4, 0.05], [2.2, 2.4, 2.6], metrics={"accuracy": 0.12}, train_metrics={"accuracy": 0.99}),
        end=end(),
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "gap": Threshold(0.15, "way from guessing to perfection, training less validation; healthy: 0.03 (measured)"),
        "trained": Threshold(0.3, "the same on training examples, below which little is learnt at all"),
        "by_heart": Threshold(0.9, "the same on training examples, from which on they are known by heart"),
        "few_rows": Threshold(10, "training rows for each class, below which they may be too few (our own)"),
        "validated": Threshold(30, "validation rows, from which it can be told what comes of so few"),
        "starved": Threshold(0.7, "way on training examples, from which so few rows count as learnt"),
        "half": Threshold(0.5, "way on validation examples, below which they are too few"),
        "poor": Threshold(0.3, "the same on validation examples, below which that is a warning"),
    },
    explains=("no-better-than-baseline", "chance-level", "ignored-class"),
    version=2,
)
