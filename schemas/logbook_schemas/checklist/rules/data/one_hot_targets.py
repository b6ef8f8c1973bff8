"""Classes written as one-hot targets for a task that doesn't take them as classes.

What it checks: targets of two columns or more, of 20 rows or more, for the tasks regression and multilabel: whether
every row holds one 1 and else 0. Index classes pass, and so do probabilities; one-hot targets for the task
classification are refused when the data are read.

Why it matters: classes that exclude each other are one choice. As numbers or as independent labels the network may
answer none or several at once, and the accuracy counts each column by itself and looks better than it is.

Instead: give the class index (argmax of the row) and say `"task": "classification"`.

Source: Troubleshooting Neural Net Training (S1-05); where the guides contradict each other, indices pass (C20).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or not data.one_hot_targets or data.task not in ("regression", "multilabel"):
        return
    rows = data.splits["train"].rows if "train" in data.splits else 0
    if rows < at.rows:
        return
    yield Said(
        message=f"Every row of the {data.output_size} targets holds one 1 and else 0: these are classes, and the task"
        f" is {data.task}.",
        where="task",
        measured=data.output_size,
        expected="numbers (regression), or labels of which several or none may hold (multilabel)",
        remedy='Give the class index, argmax of the row, and set "task": "classification".',
    )


RULE = Rule(
    code="D121",
    name="one-hot-targets",
    severity="warning",
    moment="data",
    title="Classes are written as one-hot targets",
    why="Classes that exclude each other are one choice, not several numbers or labels.",
    source=cite("S1-05", "C20"),
    check=check,
    bad=lambda: evidence(data=regression_data(output_size=3, one_hot_targets=True)),
    good=lambda: evidence(data=data(task="multilabel", output_size=3)),
    doc=__doc__ or "",
    thresholds={"rows": Threshold(20, "training rows from which on it is no chance")},
)
