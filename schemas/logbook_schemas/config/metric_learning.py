"""Learning distances: the loss over triplets of an anchor, one of its class, and one of another; and their batches."""

from __future__ import annotations

from typing import Literal

from logbook_schemas.config.base import Section, setting

__all__ = ["Distance", "Triplet", "Triplets"]

Distance = Literal["euclidean", "squared", "cosine"]


class Triplet(Section):
    """How much nearer an anchor is to an example of another class than to one of its own, beyond a margin.

    For task metric-learning. Outputs are embeddings, targets are classes. Triplets are made within a batch. A loss
    that stays at the margin says that all examples lie at one point: then try semi-hard or batch-all mining, a
    lower learning rate or another margin (S4-43).
    """

    kind: Literal["triplet"] = "triplet"
    margin: float = setting(
        0.2,
        about="How much further away the other class is to be; without effect under soft_margin.",
        gt=0,
        unit="distance",
        source="S4-43",
    )
    soft_margin: bool = setting(
        False, about="log(1 + e^x) in place of max(0, x + margin): it never stops pulling.", source="S4-43"
    )
    distance: Distance = setting(
        "euclidean", about="Distance of two embeddings; cosine is 1 less the cosine of their angle."
    )
    mining: Literal["batch-all", "batch-hard", "semi-hard", "random"] = setting(
        "semi-hard",
        about="Which triplets of a batch count: batch-all the mean over all that break the margin; batch-hard for each"
        " anchor its furthest example of its class and the nearest of another; semi-hard for each pair of a class the"
        " nearest of another that is further away (else the furthest); random one triplet an anchor.",
        source="S4-43",
    )


class Triplets(Section):
    """Batches that hold several examples of each of several classes, one optimizer step each.

    A batch holds training.batch_size / examples_per_class classes (all there are, where that is fewer), drawn in
    turn, and examples_per_class examples of each (all there are, where that is fewer), drawn in turn. An epoch has
    as many batches as it would have otherwise.
    """

    kind: Literal["triplets"] = "triplets"
    examples_per_class: int = setting(
        4, about="Examples of each class of a batch.", ge=2, le=10_000, unit="examples", source="S4-43"
    )
