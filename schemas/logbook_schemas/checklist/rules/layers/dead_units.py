"""Units behind a relu that are 0 for every example.

What it checks: after every measured epoch, on at least 256 shuffled rows of the training split, the share of units of
each hidden layer that are 0 on all of them, in two measured epochs running. More than 60 % is a warning, more than
half where the loss is hardly better than a guess, and more than 90 % an error there. Healthy nets reach 52 %, many of
it from the start, and get over more in their first epochs: up to 90 % it is a note until half of the planned epochs
are over, and later too where the loss falls and few more died than were dead at the start, or the network has come
three tenths of the way to perfection. A unit of a layer that is called several times in a pass, as along a sequence,
is dead where it is so at each call.

Why it matters: a unit that is always 0 gets no gradient and never comes back. The rest of the layer has to do the
work, and where all units are dead, the network gives the same answer for each example.

Instead: a lower learning rate, he initial weights, scaled inputs, biases of 0; leaky relu or elu.

Source: My Neural Network isn't working! What should I do? (S0-40, S0-41); Debugging Neural Networks: A Checklist
(S3-24, S3-28); What to do when a neural network does not learn (S4-31); where the guides contradict each
other on how many, measurements decide (C22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.curves import planned_share
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import (
    at_every_call,
    hidden_layers,
    is_stalled,
    lower_rate,
    measured_epochs,
    present_at_start,
)
from logbook_schemas.checklist.learnt import trained_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    measured = measured_epochs(evidence, 2)
    if len(measured) == 2:
        epoch, before = measured
        stalled = is_stalled(evidence)
        bound = at.stalled if stalled else at.share
        # Running averages of batch normalization may lag behind in one epoch; what is dead stays dead.
        were = {layer.name for layer in at_every_call(before.layers) if (layer.dead_share or 0) > bound}
        hidden = at_every_call(hidden_layers(epoch.layers))
        dead = [one for one in hidden if (one.dead_share or 0) > bound and one.name in were]
        if not dead:
            return
        worst = max(dead, key=lambda layer: layer.dead_share or 0)
        share = worst.dead_share or 0
        is_late = epoch.epoch >= planned_share(evidence, at.late)
        died = _died(evidence, epoch, dead, at)
        severity: Severity = "warning" if is_late and (stalled or died) else "note"
        if stalled and share > at.most:
            severity = "error"
        more = [layer.name for layer in dead if layer is not worst]
        yield Said(
            message=f"In epoch {epoch.epoch}, {percent(share)} of the units of {worst.name} are 0 for every example"
            f"{_at_start(evidence, worst)}{f'; so are many of {listing(more)}' if more else ''}.",
            where="hidden layers",
            measured={layer.name: layer.dead_share for layer in dead},
            expected=f"at most {percent(bound)} dead units in a layer",
            remedy="Lower the learning rate, begin with he weights and biases of 0, scale the inputs, or take leaky"
            " relu or elu.",
            change=lower_rate(evidence),
            severity=severity,
        )


def _died(evidence: Evidence, epoch: EpochRecord, dead: Sequence[LayerRecord], at: Thresholds) -> bool:
    """Say whether units died in training, and the network suffers from it."""
    share = trained_share(evidence, epoch)
    born = {layer.name: layer.dead_share or 0 for layer in at_every_call(list(present_at_start(evidence).values()))}
    newly = max((layer.dead_share or 0) - born.get(layer.name, 0) for layer in dead)
    return newly > at.newly and (share is None or share < at.learnt)


def _at_start(evidence: Evidence, layer: LayerRecord) -> str:
    before = present_at_start(evidence).get(layer.name)
    if before is None or before.dead_share is None:
        return ""
    return f" ({percent(before.dead_share)} were before training)"


def _layers(share: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(name="hidden.0.linear", kind="Linear", order=0, fan_in=64),
        LayerRecord(name="hidden.0.activation", kind="ReLU", order=1, dead_share=share, zero_share=share),
        LayerRecord(name="output", kind="Linear", order=2, fan_in=64),
    )


RULE = Rule(
    code="G201",
    name="dead-units",
    severity="warning",
    moment="epoch",
    title="Most units of a layer are dead",
    why="A unit that is always 0 gets no gradient and never comes back; the rest of the layer has to do the work.",
    source=cite("S0-40", "S0-41", "S3-24", "S3-28", "S4-31", "C22"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.31, 2.3], layers=_layers(0.95))),
    good=lambda: evidence(epochs=curve([1.2, 0.5], layers=_layers(0.45))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.6, "share of dead units in a layer; healthy nets reach 0.52 (C22)"),
        "stalled": Threshold(0.5, "the same, where the loss is hardly better than a guess (C22)"),
        "newly": Threshold(0.25, "share of a layer's units that died in training; our own"),
        "late": Threshold(0.5, "share of the planned epochs after which a standstill is none that breaks late"),
        "learnt": Threshold(0.3, "share of the way from guessing to perfection from which on it is a note (measured)"),
        "most": Threshold(0.9, "the same, from which a stalled training can't go on (C22)"),
    },
    version=2,
    explains=("zero-gradients", "vanishing-gradients", "tiny-updates", *NOT_LEARNING),
)
