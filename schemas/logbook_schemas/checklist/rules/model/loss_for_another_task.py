"""A loss made for another kind of task than the config's.

What it checks: task and loss. A classification loss on regression targets is an error, and so is one that makes
classes compete (`cross-entropy`, `nll`) where several labels may hold at once. A regression loss on classes is a
warning: it often trains, only worse. A yes-or-no loss for each of several classes is a warning as well.

Why it matters: a loss says what the outputs mean. Under one made for another task the network learns something
else than what is asked, or nothing.

Instead: `cross-entropy` for one of several classes, `bce-with-logits` for yes or no and for labels, `mse`, `l1`
or `huber` for numbers.

Source: Troubleshooting Neural Net Training (S1-21, S1-22, S1-23); What to do when a neural network does not learn
(S4-08); where the guides contradict each other on squared error for classes, it is a matter of style (C23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, NOT_LEARNING, POOR_START, SYMPTOMS
from logbook_schemas.checklist.torch_targets import loss_kind
from logbook_schemas.config.objective import default_loss
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]

_COMPETING = ("cross-entropy", "nll")
_YES_OR_NO = ("bce", "bce-with-logits")
_OF_NUMBERS = ("mse", "l1", "huber")

_UNFIT: Mapping[str, Mapping[tuple[str, ...], tuple[Severity, str]]] = {
    "regression": {
        _COMPETING: ("error", "it is for classes, and the targets are numbers"),
        _YES_OR_NO: ("error", "it is for yes or no, and the targets are numbers"),
    },
    "reconstruction": {
        _COMPETING: ("error", "it is for classes, and the targets are the inputs"),
    },
    "metric-learning": {},
    "classification": {
        _YES_OR_NO: ("warning", "it asks yes or no of each class by itself, and just one class is right"),
        _OF_NUMBERS: ("warning", "it is for numbers, and the targets are classes; it often trains, only worse"),
    },
    "binary": {
        _OF_NUMBERS: ("warning", "it is for numbers, and the targets are classes; it often trains, only worse"),
    },
    "multilabel": {
        _COMPETING: ("error", "it makes labels compete, and several may hold at once"),
        _OF_NUMBERS: ("warning", "it is for numbers, and the targets are labels; it often trains, only worse"),
    },
    "language-model": {},  # any other loss than cross-entropy and nll is refused before
}
_SYMPTOMS = (*POOR_START, *EXPLODING, *NOT_LEARNING)


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    if evidence.config is None:
        return
    task, loss = evidence.config.task, loss_kind(evidence.config.loss)
    for losses, (severity, reason) in _UNFIT[task].items():
        if loss in losses:
            usual = default_loss(task)["kind"]
            yield Said(
                message=f"The loss {loss} doesn't fit the task {task}: {reason}.",
                where="loss",
                measured=loss,
                expected=f"{usual} for {task}",
                remedy=f"Take the loss {usual} and no output activation.",
                change={"loss": usual, **_linear_output(evidence.config)},
                severity=severity,
                explains=_SYMPTOMS if severity == "error" else (),
            )


def _linear_output(config: RunConfig) -> dict[str, str]:
    """Return the change that takes the output activation away, which the usual losses don't want."""
    last = getattr(config.model, "output_activation", None)
    has_one = last is not None and last.kind != "none"
    return {"model.output_activation": "none"} if has_one else {}


RULE = Rule(
    code="M102",
    name="loss-for-another-task",
    severity="error",
    moment="config",
    title="The loss is made for another kind of task",
    why="A loss says what the outputs mean; under the wrong one the network learns something else, or nothing.",
    source=cite("S1-21", "S1-22", "S1-23", "S4-08", "C23"),
    check=check,
    bad=lambda: evidence(
        config=config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}}, loss="cross-entropy")
    ),
    good=lambda: evidence(config=config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}}, loss="huber")),
    doc=__doc__ or "",
    version=2,
    explains=(*SYMPTOMS,),
)
