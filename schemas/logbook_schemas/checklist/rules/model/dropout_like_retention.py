"""A probability of dropping that looks like a probability of keeping.

What it checks: `model.dropout`, `model.input_dropout` and `model.dropconnect`, probabilities of DROPPING a hidden
unit, an input, or a weight. Above 0.5 is a warning, from 0.75 an error.

Why it matters: two of the guides, and some libraries, give the probability of keeping. 0.8 meant as "keep 80 %"
drops 80 % here, and the network hardly learns.

Instead: write 1 minus the probability of keeping; 0.1 to 0.25 is a good beginning.

Source: My Neural Network isn't working! What should I do? (S0-20); Troubleshooting Neural Net Training (S1-27);
where the guides contradict each other on what the number means, it is asked from 0.75 (C15).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]

_FIELDS: Mapping[str, tuple[str, str]] = {
    "dropout": ("Dropout", "hidden units"),
    "input_dropout": ("Dropout", "inputs"),
    "dropconnect": ("Dropconnect", "weights"),
}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    model = evidence.config.model if evidence.config else None
    place = "model.network" if hasattr(model, "network") else "model"
    for field, (name, what) in _FIELDS.items():
        drops = getattr(getattr(model, "network", model), field, 0.0)
        if isinstance(drops, float) and drops > at.much:
            yield _said(f"{place}.{field}", name, what, drops, looks_like_retention=drops >= at.like_retention)


def _said(path: str, name: str, what: str, drops: float, *, looks_like_retention: bool) -> Said:
    keeps = round(1 - drops, 10)
    question = "; was the probability of keeping meant?" if looks_like_retention else ", more than half of them."
    return Said(
        message=f"{name} {number(drops)} drops {percent(drops)} of the {what}{question}",
        where=path,
        measured=drops,
        expected="0.1 to 0.5, the probability of dropping",
        remedy=f"To keep {percent(drops)}, write {number(keeps)}." if looks_like_retention else "Begin with 0.2.",
        change={path: keeps if looks_like_retention else 0.2},
        severity="error" if looks_like_retention else "warning",
    )


RULE = Rule(
    code="M103",
    name="dropout-like-retention",
    severity="error",
    moment="config",
    title="Dropout is so high that the probability of keeping may have been meant",
    why="A network that loses most of its units at each step hardly learns.",
    source=cite("S0-20", "S1-27", "C15"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "dropout": 0.8})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "dropout": 0.5})),
    doc=__doc__ or "",
    thresholds={
        "much": Threshold(0.5, "probability of dropping above which it is a warning (S0-20)"),
        "like_retention": Threshold(0.75, "probability of dropping from which retention may be meant (C15)"),
    },
    explains=(*TRAINING,),
)
