"""A standard architecture that begins from random weights.

What it checks: a model of torchvision's or timm's, named as one's own with neither pretrained weights nor a
checkpoint, on fewer than 50,000 training rows. A note.

Why it matters: such networks are made for a million images. The weights that are published with them know what
pictures look like, and a few thousand rows are enough to go on from there.

Instead: pass the weights (`"kwargs": {"weights": "DEFAULT"}`), or begin from a checkpoint of your own.

Source: Debugging Neural Networks: A Checklist (S3-16).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.config.model import PythonModel

__all__ = ["RULE"]

_LIBRARIES = ("torchvision.models", "timm")
_RESNET = {"kind": "python", "target": "torchvision.models:resnet18"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    model = evidence.config.model if evidence.config else None
    if trained is None or not isinstance(model, PythonModel) or trained.rows >= at.rows:
        return
    if model.init is not None or any(model.kwargs.get(name) for name in ("weights", "pretrained")):
        return
    if any(model.target.replace(":", ".").startswith(f"{library}.") for library in _LIBRARIES):
        yield Said(
            message=f"{model.target} begins from random weights, on {count(trained.rows, 'training row')}.",
            where="model",
            measured=trained.rows,
            expected="pretrained weights for a standard architecture",
            remedy="Pass its pretrained weights, or a checkpoint.",
        )


RULE = Rule(
    code="M114",
    name="untrained-architecture",
    severity="note",
    moment="data",
    title="A standard architecture begins from random weights",
    why="Such networks are made for a million images; their published weights know what pictures look like.",
    source=cite("S3-16"),
    check=check,
    bad=lambda: evidence(config=config(model=_RESNET)),
    good=lambda: evidence(config=config(model={**_RESNET, "kwargs": {"weights": "DEFAULT"}})),
    doc=__doc__ or "",
    thresholds={"rows": Threshold(50_000.0, "training rows from which random weights are no remark (S3-16)")},
)
