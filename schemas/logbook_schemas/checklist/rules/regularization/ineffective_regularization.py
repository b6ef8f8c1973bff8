"""Regularization that is asked for and can't act.

What it checks: settings that have no effect as the config stands. Dropout in a network without hidden layers is a
warning; a `dropout_form` without dropout, and early stopping whose patience is as long as the training, are notes.

Why it matters: a person believes that the network is regularized, and it isn't.

Instead: set the number that makes it act, or leave the setting out.

Source: Troubleshooting Neural Net Training (S1-31).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import count, number
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    if evidence.config is not None:
        yield from _dropout(evidence.config)
        yield from _early_stopping(evidence.config)


def _dropout(known: RunConfig) -> Iterator[Said]:
    layers = hidden_layers(known.model)
    if layers is None:
        return
    path = f"{layers.path}.dropout"
    if layers.dropout > 0 and layers.depth == 0:
        message = f"Dropout {number(layers.dropout)} drops hidden units, and the network has none."
        yield _said(message, path, layers.dropout, "hidden layers, or no dropout", {path: 0.0}, "warning")
    if layers.dropout == 0 and layers.dropout_form != "units":
        message = f"The form of dropout is {layers.dropout_form}, and dropout is 0: nothing is dropped."
        yield _said(message, path, 0.0, "0.1 to 0.25", {path: 0.1}, "note")


def _early_stopping(known: RunConfig) -> Iterator[Said]:
    stopping, epochs = known.training.early_stopping, known.training.epochs
    if stopping is not None and stopping.patience >= epochs:
        yield _said(
            f"Early stopping waits {count(stopping.patience, 'epoch')}, and the training has {epochs:,}: it can't act.",
            "training.early_stopping.patience",
            stopping.patience,
            f"fewer than {count(epochs, 'epoch')}",
            {"training.early_stopping.patience": max(1, min(10, epochs // 3))},
            "note",
        )


def _said(
    message: str, path: str, measured: float, expected: str, change: dict[str, JsonValue], severity: Severity
) -> Said:
    [value] = change.values()
    return Said(
        message=message,
        where=path,
        measured=measured,
        expected=expected,
        remedy=f"Set {path} to {value}, or leave it out.",
        change=change,
        severity=severity,
    )


RULE = Rule(
    code="R102",
    name="ineffective-regularization",
    severity="warning",
    moment="config",
    title="Regularization that can't act",
    why="The network is believed to be regularized, and isn't.",
    source=cite("S1-31"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "hidden": [], "dropout": 0.2})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "dropout": 0.2})),
    doc=__doc__ or "",
)
