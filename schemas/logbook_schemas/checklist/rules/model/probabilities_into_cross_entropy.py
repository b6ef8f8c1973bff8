"""Outputs that are probabilities already, handed to a loss that wants raw outputs.

What it checks: a loss that applies softmax or sigmoid itself (`cross-entropy`, `bce-with-logits`, or a person's own
that behaves so), and outputs of a real batch that lie between 0 and 1 and sum to 1 in each row, or lie there whatever
the weights are. (Where the config says it, see mismatched-output-activation.)

Why it matters: softmax or sigmoid is applied twice. That squeezes the outputs together: with ten classes the loss
can't fall below 1.46, the gradients are small, and nothing crashes.

Instead: end the model with its last linear layer, without softmax or sigmoid; or take the logarithm and use the loss
`nll`.

Source: My Neural Network isn't working! What should I do? (S0-36); Troubleshooting Neural Net Training (S1-21);
Debugging Neural Networks: A Checklist (S3-19); What to do when a neural network does not learn (S4-07); where the
guides contradict each other on the last activation, the pair with the loss decides (C1).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.fit import (
    gives_probabilities,
    is_named_before,
    is_single_softmax,
    is_softmax_over_rows,
    lowest_loss,
)
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import StartRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    config, start = evidence.config, evidence.start
    if (
        config is None
        or start is None
        or is_named_before(evidence)
        or is_single_softmax(start)
        or is_softmax_over_rows(start)
    ):
        return
    # Records of before there was a measure of it have the config's word alone.
    takes = start.loss.takes or ("logits" if config.loss.kind in ("cross-entropy", "bce-with-logits") else "")
    if takes == "logits" and gives_probabilities(start):
        competing = bool(start.outputs_sum_to_one) or start.class_targets is not None
        lowest = lowest_loss(start)
        floor = "" if lowest is None else f", and can't fall below {number(lowest)}"
        yield Said(
            message=f"The model's outputs are probabilities (in [0, 1], {_how(start)}), but the loss applies"
            f" {'softmax' if competing else 'sigmoid'} itself and wants raw outputs{floor}.",
            where="model",
            measured="rows of outputs sum to 1" if start.outputs_sum_to_one else "outputs within 0 and 1",
            expected="raw outputs (logits)",
            remedy="Remove the softmax or sigmoid at the end of the model.",
        )


def _how(start: StartRecord) -> str:
    return "each row sums to 1" if start.outputs_sum_to_one else "whatever the weights are"


RULE = Rule(
    code="M202",
    name="probabilities-into-cross-entropy",
    severity="error",
    moment="start",
    title="Cross-entropy is given probabilities instead of raw outputs",
    why="Softmax is applied twice: the loss can't come near 0 and the gradients are small.",
    source=cite("S0-36", "S1-21", "S3-19", "S4-07", "C1"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}), start=start(outputs_sum_to_one=True)
    ),
    good=lambda: evidence(config=config(model={"kind": "python", "target": "net:build"})),
    doc=__doc__ or "",
    explains=(
        "implausible-initial-loss",
        *TRAINING,
    ),
    version=2,
)
