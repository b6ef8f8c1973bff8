"""A hidden layer with so few units that it can't carry what the outputs need.

What it checks: the narrowest hidden layer of an mlp, the fully connected part of a convolutional network, or the units
of a recurrent one, against the outputs. Below half of the outputs (counted up to ten) or below 3 units a warning,
below the outputs or 4 units a note. Autoencoders and embeddings are narrow on purpose.

Why it matters: what doesn't pass the narrowest layer is lost for all that come after. Measured on digits, ten
classes: an accuracy of 0.2 with one unit, 0.3 to 0.4 with two, 0.7 to 0.8 with four, 0.92 with eight, 0.97 with 64.

Instead: five to ten times the classes, or two to three times the inputs; too many units cost little but time.

Source: My Neural Network isn't working! What should I do? (S0-54, S0-56); What to do when a neural network does not
learn (S4-25, S4-26); where the guides contradict each other on the width, only the lower end is judged (C10).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import count
from logbook_schemas.config.model import Autoencoder, Embedding, Model, Rnn

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.config is None or evidence.data is None or not evidence.data.output_size:
        return
    widths, outputs = _widths(evidence.config.model), evidence.data.output_size
    if not widths:
        return
    narrowest = min(widths)
    few = max(at.few, at.share * min(outputs, at.most_outputs))
    if narrowest >= max(few, at.noted, outputs):
        return
    path = "model.hidden"
    wide = [max(width, min(256, max(8, 5 * outputs))) for width in widths]
    yield Said(
        message=f"The narrowest hidden layer has {count(narrowest, 'unit')}, and all that the"
        f" {count(outputs, 'output')} are made of has to pass it.",
        where=path,
        measured=narrowest,
        expected=f"at least {max(int(at.noted), outputs)}, better five to ten times the outputs",
        remedy="Widen it; too many units cost little but time.",
        change={path: list(wide)},
        severity="warning" if narrowest < few else "note",
    )


def _widths(model: Model) -> tuple[int, ...]:
    if isinstance(model, Rnn):
        return model.hidden
    layers = None if isinstance(model, Autoencoder | Embedding) else hidden_layers(model)
    return layers.units if layers else ()


RULE = Rule(
    code="M105",
    name="narrow-hidden-layer",
    severity="warning",
    moment="data",
    title="A hidden layer is too narrow for the outputs",
    why="What doesn't pass the narrowest layer is lost for all that come after.",
    source=cite("S0-54", "S0-56", "S4-25", "S4-26", "C10"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [64, 2]})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [8]}), data=regression_data()),
    doc=__doc__ or "",
    thresholds={
        "few": Threshold(3.0, "units below which it is a warning, whatever the outputs (S4-26, measured)"),
        "share": Threshold(0.5, "units over outputs below which it is a warning (measured)"),
        "most_outputs": Threshold(10.0, "outputs that count for that: thousands fit into fewer dimensions; our own"),
        "noted": Threshold(4.0, "units below which it is noted (C10)"),
    },
    explains=(*SYMPTOMS,),
)
