"""A network that overfits, and nothing is done against it.

What it checks: at the end of training, whether the validation loss was more than 10 % above its best in the last 3
epochs while the training loss fell, and the config has no dropout, no penalty, no weight decay, no augmentation, no
noise and no early stopping.

Why it matters: the best epoch's checkpoint is kept, but a regularized network would have gone further.

Instead: first let it fit, as it does now; then add one thing at a time: early stopping, dropout of 0.1 to 0.25,
augmentation, weight decay. Gradient descent with momentum sometimes generalizes better than Adam.

Source: My Neural Network isn't working! What should I do? (S0-18); What to do when a neural network does not learn
(S4-39); where the guides contradict each other on regularization and optimizers (C3, C12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from logbook_schemas.checklist.curves import is_finite, last_phase
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.config.run import RunConfig

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    config, window = evidence.config, int(at.epochs)
    epochs = [epoch for epoch in last_phase(evidence) if is_finite(epoch.val_loss) and is_finite(epoch.train_loss)]
    if evidence.end is None or config is None or len(epochs) <= window or _is_regularized(config):
        return
    best = min(epochs[:-window], key=lambda epoch: epoch.val_loss or 0.0)
    bottom = best.val_loss or 0.0
    limit = bottom + max(at.rise * abs(bottom), at.noise * (guessing_loss(evidence) or 0.0))
    recent = epochs[-window:]
    if any((epoch.val_loss or 0.0) <= limit for epoch in recent) or (recent[-1].train_loss or 0) >= (
        best.train_loss or 0
    ):
        return
    yield Said(
        message=f"The validation loss is {number(recent[-1].val_loss or 0)}, its best was {number(bottom)} in epoch"
        f" {best.epoch}, and the config regularizes nothing.",
        where="regularization",
        measured=recent[-1].val_loss,
        expected="something against overfitting, once the network fits",
        remedy="Add one thing at a time: early stopping, dropout, augmentation, weight decay.",
        change={"training.early_stopping": {"patience": 10}},
    )


def _is_regularized(config: RunConfig) -> bool:
    decay = getattr(config.optimizer, "weight_decay", 0.0)
    return (
        config.training.early_stopping is not None
        or bool(config.regularization.l1 or config.regularization.l2 or decay)
        or bool(config.data.augment)
        or _names_noise(config.model.model_dump())
    )


def _names_noise(value: object) -> bool:
    """Return whether a model's config has dropout or noise anywhere that isn't 0."""
    if isinstance(value, Mapping):
        return any(
            (("dropout" in str(key) or "noise" in str(key)) and isinstance(inner, int | float) and inner > 0)
            or _names_noise(inner)
            for key, inner in value.items()
        )
    return isinstance(value, list | tuple) and any(map(_names_noise, value))


RULE = Rule(
    code="R202",
    name="unregularized-overfitting",
    severity="note",
    moment="end",
    title="The network overfits, and nothing is done against it",
    why="A regularized network would have gone further.",
    source=cite("S0-18", "S4-39", "C3", "C12"),
    check=check,
    bad=lambda: evidence(epochs=curve([1.2, 0.7, 0.4, 0.2, 0.1, 0.05], [1.1, 0.8, 0.75, 0.9, 1.0, 1.2]), end=end()),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "rise": Threshold(0.1, "share by which the validation loss is above its best (S1-10)"),
        "epochs": Threshold(3.0, "epochs running that it is (S1-10)"),
        "noise": Threshold(0.05, "share of the loss of guessing that a rise must exceed (measured on healthy runs)"),
    },
    explains=("rising-validation-loss",),
)
