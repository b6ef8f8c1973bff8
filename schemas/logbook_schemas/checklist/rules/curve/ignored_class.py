"""A class that is never recognized.

What it checks: whether in the last two epochs none of the validation examples of a class was recognized, although there
are at least 10 of them, and the network has learnt something.

Why it matters: the accuracy hardly shows it, and the class may be the one that matters.

Instead: weight the classes in the loss or balance the batches; look at the examples of that class and their labels.

Source: Debugging Neural Networks: A Checklist (S3-08).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import learnt_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, listing

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data, epochs = evidence.data, last_phase(evidence)
    split = data.splits.get("validation") if data else None
    if data is None or split is None or evidence.end is None or len(epochs) < at.epochs:
        return
    recalls = [epoch.class_recall for epoch in epochs[-2:]]
    rows = split.class_counts
    ignored = [
        index
        for index in range(min(len(rows), *map(len, recalls)))
        if rows[index] >= at.rows and all(recall[index] == 0 for recall in recalls)
    ]
    share = learnt_share(evidence, epochs[-1])
    if not ignored or share is None or share < at.learnt:
        return
    names = [data.classes[index] if index < len(data.classes) else str(index) for index in ignored]
    examples = sum(rows[index] for index in ignored)
    subject = f"class {names[0]}" if len(names) == 1 else f"the classes {listing(names)}"
    yield Said(
        message=f"None of the {count(examples, 'validation example')} of {subject} is recognized.",
        where="validation predictions",
        measured=[str(name) for name in names],
        expected="every class recognized now and then",
        remedy="Weight the classes in the loss or balance the batches, and look at the examples of that class.",
        change={"loss.class_weights": "balanced"} if _takes_weights(evidence) else {},
    )


def _takes_weights(evidence: Evidence) -> bool:
    return evidence.config is not None and evidence.config.loss.kind == "cross-entropy"


RULE = Rule(
    code="T113",
    name="ignored-class",
    severity="warning",
    moment="end",
    title="A class is never recognized",
    why="The accuracy hardly shows it, and the class may be the one that matters.",
    source=cite("S3-08"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([0.7, 0.62, 0.61], [0.7, 0.62, 0.61], class_recall=(0.0, *(0.9,) * 9)), end=end()
    ),
    good=lambda: evidence(epochs=curve([1.1, 0.6, 0.4], [1.0, 0.7, 0.6], class_recall=(0.5, *(0.9,) * 9)), end=end()),
    doc=__doc__ or "",
    thresholds={
        "rows": Threshold(10.0, "fewest validation examples of the class: of fewer, none is chance"),
        "learnt": Threshold(0.1, "share of the way from guessing, below which no class is told from another"),
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged"),
    },
)
