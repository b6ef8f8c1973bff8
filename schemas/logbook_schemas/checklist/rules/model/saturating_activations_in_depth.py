"""Several hidden layers of sigmoid or tanh one after the other.

What it checks: the hidden layers of our feed-forward networks, without normalization or residual connections. Of
sigmoid layers three are a note and four a warning; of tanh layers six are a note. LSTM and other recurrent layers are
exempt, and so is a network that is pre-trained layer by layer or begins from a checkpoint.

Why it matters: a sigmoid's slope is a quarter at most, so each layer takes three quarters of the gradient or more
away; the first layers hardly learn. Measured on digits, ten epochs, two seeds: three sigmoid layers reach 0.83 to
0.87, four 0.1 to 0.74, five 0.1 to 0.38, where relu has 0.97. Twelve tanh layers still reach 0.97 under Adam, and
0.79 to 0.84 under momentum.

Instead: relu or leaky relu.

Source: Troubleshooting Neural Net Training (S1-19, S1-20); Practical Advice for Building Deep Neural Networks (S2-04);
Debugging Neural Networks: A Checklist (S3-23). The numbers are from the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    layers = hidden_layers(known.model) if known else None
    if known is None or layers is None or not layers.is_plain or layers.init == "checkpoint":
        return
    is_noted = layers.depth >= (at.sigmoid_noted if layers.activation == "sigmoid" else at.tanh_noted)
    if layers.activation not in ("sigmoid", "tanh") or not is_noted or known.training.pretraining is not None:
        return
    is_grave = layers.activation == "sigmoid" and layers.depth >= at.sigmoid_many
    path = f"{layers.path}.activation"
    yield Said(
        message=f"{layers.depth} hidden layers of {layers.activation} follow each other: each weakens the gradient that"
        " reaches the ones before it.",
        where=path,
        measured=layers.depth,
        expected=f"fewer than {at.sigmoid_noted:.0f} layers of sigmoid, or {at.tanh_noted:.0f} of tanh",
        remedy=f"Set {path} to relu.",
        change={path: "relu", f"{layers.path}.init": "he"},
        severity="warning" if is_grave else "note",
    )


RULE = Rule(
    code="M104",
    name="saturating-activations-in-depth",
    severity="warning",
    moment="config",
    title="Several hidden layers of sigmoid or tanh follow each other",
    why="Each weakens the gradient that reaches the layers before it, and the first ones hardly learn.",
    source=cite("S1-19", "S1-20", "S2-04", "S3-23"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64] * 5, "activation": "sigmoid"})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64] * 4, "activation": "tanh"})),
    doc=__doc__ or "",
    thresholds={
        "sigmoid_noted": Threshold(3.0, "hidden layers of sigmoid from which it is noted (S1-19, S2-04)"),
        "sigmoid_many": Threshold(4.0, "hidden layers of sigmoid from which it is a warning (measured)"),
        "tanh_noted": Threshold(6.0, "hidden layers of tanh from which it is noted (S1-19)"),
    },
    explains=(*SYMPTOMS,),
)
