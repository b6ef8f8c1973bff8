"""Classes of very different sizes, or a class without examples.

What it checks: the training rows of each class. The largest more than 10 times the smallest is a warning, unless the
smallest has so few rows that chance may account for it; a class that the data name and no split has is a warning.
Above 100 times the remedy is another: so few rows are too few to cut all others down to. Labels that may hold
together (multilabel) are not compared.

Why it matters: always answering the largest class is then nearly right, and the network learns just that.

Where the loss weighs classes (`data.balance`, `loss.class_weights`, `loss.pos_weight`) it is silent; rows left out or
repeated by `data.balance` are counted as the training has them.

Instead: leave out rows of the large classes first (`"data": {"balance": "undersample"}`), then try oversampling or
class weights; look at balanced accuracy and at the recall of each class, and collect more of the small ones.

Source: Debugging Neural Networks: A Checklist (S3-07, S3-08, S3-09); Troubleshooting Neural Net Training (S1-43).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    trained = data.splits.get("train") if data else None
    if data is None or trained is None or data.task == "multilabel":
        return
    present = {index: rows for index, rows in enumerate(trained.class_counts) if rows > 0}
    if len(present) > 1 and not _weighs_classes(evidence):
        yield from _unequal(data, present, at)
    missing = [_name(data, index) for index, rows in enumerate(_rows_anywhere(data)) if rows == 0]
    if missing:
        yield Said(
            message=f"No row is of class {listing(missing)}.",
            where=f"no {listing(missing)}",
            measured=0,
            expected="rows of every class",
            remedy="Check how the classes are read, or leave the class out.",
        )


def _unequal(data: DataRecord, present: dict[int, int], at: Thresholds) -> Iterator[Said]:
    largest, smallest = max(present, key=lambda i: present[i]), min(present, key=lambda i: present[i])
    ratio = present[largest] / present[smallest]
    # A class of one row beside one of twelve: among many small classes chance makes such pairs.
    surely = present[smallest] + 2 * sqrt(present[smallest]) + 1
    if ratio > at.ratio and present[largest] / surely > at.sure_ratio:
        grave = ratio > at.grave_ratio
        yield Said(
            message=f"Class {_name(data, largest)} has {number(ratio)} times the training rows of class"
            f" {_name(data, smallest)} ({present[largest]:,} and {present[smallest]:,}).",
            where="data.balance",
            measured=ratio,
            expected=f"at most {number(at.ratio)} times",
            # Few rows of the small class are too few to cut all others down to.
            remedy="Weigh the classes (data.balance class-weights) or repeat rows of the small one (oversample);"
            " collect more of it; watch balanced accuracy, since accuracy is high for an answer that never changes."
            if grave
            else "Leave out rows of the large class (data.balance undersample), then try oversample or"
            " class-weights; watch balanced accuracy.",
            change={
                "data.balance": {"kind": "class-weights" if grave else "undersample"},
                "metrics": ["accuracy", "balanced-accuracy"],
            },
        )


def _weighs_classes(evidence: Evidence) -> bool:
    config = evidence.config
    return config is not None and (
        config.data.balance.kind == "class-weights"
        or getattr(config.loss, "class_weights", None) is not None
        or getattr(config.loss, "pos_weight", 1.0) != 1.0
    )


def _rows_anywhere(data: DataRecord) -> list[int]:
    return [sum(rows) for rows in zip(*(s.class_counts for s in data.splits.values() if s.class_counts), strict=False)]


def _name(data: DataRecord, index: int) -> str:
    return data.classes[index] if index < len(data.classes) else str(index)


def _train_counts(*rows: int) -> DataRecord:
    return data(
        classes=("no", "yes"),
        splits={"train": SplitRecord(rows=sum(rows), class_counts=rows)},
    )


RULE = Rule(
    code="D105",
    name="imbalanced-classes",
    severity="warning",
    moment="data",
    title="Classes have very different numbers of examples",
    why="Always answering the largest class is then nearly right, and the network learns just that.",
    source=cite("S3-07", "S3-08", "S3-09", "S1-43"),
    check=check,
    bad=lambda: evidence(data=_train_counts(950, 50)),
    good=lambda: evidence(data=_train_counts(900, 100)),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(10.0, "rows of the largest class over those of the smallest (S3-07)"),
        "grave_ratio": Threshold(100.0, "the same, from which leaving out rows leaves too few (S3-07)"),
        "sure_ratio": Threshold(3.0, "the same, with two standard deviations more rows of the smallest class"),
    },
    explains=NOT_LEARNING,
    version=2,
)
