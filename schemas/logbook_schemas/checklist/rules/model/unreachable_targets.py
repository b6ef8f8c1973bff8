"""Targets that the outputs can't reach.

What it checks: between what the outputs lie whatever the weights are, found with random weights. Under a loss on
values, targets outside are an error. Under a loss that wants raw outputs (cross-entropy, bce-with-logits), bounds that
keep it from ever coming near 0 are.

Why it matters: a tanh ends at -1 and 1, a sigmoid at 0 and 1, a relu at 0. Beyond, the error stays for ever, and the
weights grow in vain.

Instead: end the model with its last linear layer, or scale the targets into the range.

Source: My Neural Network isn't working! What should I do? (S0-34, S0-35, S0-38); Troubleshooting Neural Net Training
(S1-22); What to do when a neural network does not learn (S4-07).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.fit import gives_probabilities, is_named_before, lowest_loss
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.start import LossRecord, OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    if start is None or config is None or config.task == "metric-learning" or is_named_before(evidence):
        return
    behaviour, takes = start.behaviour, start.loss.takes
    if takes in ("values", "") and behaviour.targets_outside and behaviour.targets_outside > at.share:
        yield Said(
            message=f"{percent(behaviour.targets_outside)} of the targets, which are {_number(behaviour.target_low)} to"
            f" {_number(behaviour.target_high)}, lie outside of what the model can give: {_reach(behaviour)}.",
            where="model",
            measured={"low": behaviour.low, "high": behaviour.high},
            expected="outputs that can reach every target",
            remedy="Remove the activation at the end of the model, or scale the targets into its range.",
            severity="error" if takes else "warning",
        )
    elif config.task == "multilabel" and start.outputs_sum_to_one and not _are_one_hot(evidence):
        yield Said(
            message="The outputs of each row sum to 1, and of the labels several may hold at once, or none.",
            where="model",
            measured="rows of outputs sum to 1",
            expected="an answer for each label by itself",
            remedy="Take sigmoid in place of softmax, or no activation and the loss bce-with-logits.",
        )
    elif takes == "logits" and not gives_probabilities(start):
        floor = lowest_loss(start)
        if floor is not None and floor > at.lowest:
            yield Said(
                message=f"The loss wants raw outputs, and the model gives {_reach(behaviour)}: the loss can't fall"
                f" below {number(floor)}.",
                where="model",
                measured={"low": behaviour.low, "high": behaviour.high},
                expected="outputs without bounds",
                remedy="Remove the activation at the end of the model.",
            )


def _reach(behaviour: OutputRecord) -> str:
    if behaviour.low is None:
        return f"nothing above {_number(behaviour.high)}"
    if behaviour.high is None:
        return f"nothing below {_number(behaviour.low)}"
    return f"{_number(behaviour.low)} to {_number(behaviour.high)}"


def _are_one_hot(evidence: Evidence) -> bool:
    return evidence.data is not None and evidence.data.one_hot_targets


def _number(value: float | None) -> str:
    return "?" if value is None else number(value)


RULE = Rule(
    code="M215",
    name="unreachable-targets",
    severity="error",
    moment="start",
    title="The outputs can't reach the targets",
    why="What lies beyond the range of the last activation stays wrong for ever.",
    source=cite("S0-34", "S0-35", "S0-38", "S1-22", "S4-07"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(
            loss=LossRecord(takes="values"),
            behaviour=OutputRecord(low=-1.0, high=1.0, target_low=-2.0, target_high=2.5, targets_outside=0.3),
        ),
    ),
    good=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(
            loss=LossRecord(takes="values"),
            behaviour=OutputRecord(low=0.0, high=1.0, target_low=0.0, target_high=1.0, targets_outside=0.0),
        ),
    ),
    thresholds={
        "share": Threshold(0.01, "share of the targets that lie outside"),
        "lowest": Threshold(0.1, "what a loss on raw outputs can fall to; tanh over two classes has 0.13"),
    },
    explains=(
        "clipped-outputs",
        "implausible-initial-loss",
        "parameter-without-gradient",
        "targets-beyond-outputs",
        *TRAINING,
    ),
    version=2,
    doc=__doc__ or "",
)
