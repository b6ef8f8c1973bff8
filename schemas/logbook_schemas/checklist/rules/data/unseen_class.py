"""A class that is validated or tested and never trained on.

What it checks: for each class with rows in the validation or test split, whether the training split has any.

Why it matters: the network can't learn what it never sees; each of these rows counts as a mistake, and the
validation loss rises the surer the network becomes.

Instead: split with `stratify`, collect more examples of the class, or leave it out everywhere.

Source: Debugging Neural Networks: A Checklist (S3-07).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING, POOR_VALIDATION
from logbook_schemas.checklist.words import count, listing
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    data = evidence.data
    trained = data.splits.get("train") if data else None
    if data is None or trained is None or not trained.class_counts:
        return
    for name, split in data.splits.items():
        unseen = [
            index
            for index, (seen, here) in enumerate(zip(trained.class_counts, split.class_counts, strict=False))
            if here > 0 and seen == 0
        ]
        if unseen:
            yield _said(data, name, unseen, can_stratify=_can_stratify(evidence))


def _can_stratify(evidence: Evidence) -> bool:
    """Say whether the split could keep each class's share, and doesn't; groups, order and files can't."""
    if evidence.config is None:
        return True
    split = evidence.config.data.split
    return split.column is None and split.kind in ("random", "k-fold") and not split.is_stratified


def _said(data: DataRecord, split: str, unseen: list[int], *, can_stratify: bool) -> Said:
    names = [data.classes[index] if index < len(data.classes) else str(index) for index in unseen]
    rows = sum(data.splits[split].class_counts[index] for index in unseen)
    which = "class" if len(names) == 1 else "classes"
    return Said(
        message=f"The {split} split has {count(rows, 'row')} of {which} {listing(names)},"
        " of which the training split has none.",
        where=f"{split}: {listing(names)}",
        measured=rows,
        expected="every class in the training split",
        # A stratified split that still lacks a class is the source's own, or the class has one row.
        remedy="Split with stratify, collect more examples, or leave the class out."
        if can_stratify
        else "Collect more examples, put some of them into the training split, or leave the class out.",
        change={"data.split.stratify": True} if can_stratify else {},
    )


def _one_class_unseen() -> DataRecord:
    return data(
        splits={
            "train": SplitRecord(rows=1440, class_counts=(160,) * 9 + (0,)),
            "validation": SplitRecord(rows=360, class_counts=(36,) * 10),
        }
    )


RULE = Rule(
    code="D104",
    name="unseen-class",
    severity="error",
    moment="data",
    title="A class stands in the validation or test split and not in the training split",
    why="The network can't learn what it never sees, and each such row counts as a mistake.",
    source=cite("S3-07"),
    check=check,
    bad=lambda: evidence(data=_one_class_unseen()),
    good=evidence,
    doc=__doc__ or "",
    explains=(*NOT_LEARNING, *POOR_VALIDATION),
)
