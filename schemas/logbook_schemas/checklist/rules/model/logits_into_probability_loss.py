"""Raw outputs, handed to a loss that wants probabilities or their logarithms.

What it checks: what the loss takes, by how it behaves (a person's own too), and what the outputs of a batch are. A
loss on probabilities wants outputs within 0 and 1, which over classes sum to 1; `nll` wants their logarithms.

Why it matters: the logarithm of a number below 0 is NaN; clamped, it has no gradient. And `nll` on raw outputs falls
for ever without anything being learnt.

Instead: the loss that takes raw outputs (`cross-entropy`, `bce-with-logits`), or softmax, sigmoid or log-softmax at the
end of the model.

Source: My Neural Network isn't working! What should I do? (S0-36); Troubleshooting Neural Net Training (S1-21);
Debugging Neural Networks: A Checklist (S3-19); What to do when a neural network does not learn (S4-07, S4-08).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.fit import gives_probabilities, is_named_before, is_single_softmax, is_softmax_over_rows
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.records.measures import StartRecord
from logbook_schemas.records.start import LossRecord, OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or is_named_before(evidence) or is_softmax_over_rows(start) or is_single_softmax(start):
        return
    takes = start.loss.takes or ("probabilities" if evidence.config and evidence.config.loss.kind == "bce" else "")
    if takes == "log-probabilities" and start.behaviour.logs_of_probabilities is False:
        found = "probabilities" if start.outputs_sum_to_one else "raw outputs"
        yield _said(evidence, found, "logarithms of probabilities, as log-softmax gives them")
    elif takes == "probabilities" and not gives_probabilities(start) and _leaves_range(start):
        yield _said(evidence, "raw outputs", "probabilities, within 0 and 1")
    elif takes == "probabilities" and start.loss.like == "cross-entropy" and start.outputs_sum_to_one is False:
        yield _said(evidence, "outputs that don't sum to 1", "probabilities that sum to 1 over the classes")


def _leaves_range(start: StartRecord) -> bool:
    """Say whether outputs are no probabilities: they leave 0 to 1, or could."""
    low, high = (start.outputs.min, start.outputs.max) if start.outputs else (None, None)
    if low is not None and high is not None and (low < 0 or high > 1):
        return True
    was_tried = start.behaviour.spread is not None and "reach of the outputs" not in start.skipped
    return was_tried and start.behaviour.constant is None


def _said(evidence: Evidence, found: str, wanted: str) -> Said:
    one = evidence.start is not None and evidence.start.output_shape in ((), (1,))
    own = evidence.config is None or evidence.config.loss.kind == "python"
    loss = "bce-with-logits" if one or (evidence.config and evidence.config.loss.kind == "bce") else "cross-entropy"
    return Said(
        message=f"The loss wants {wanted}, and the model gives {found}.",
        where="loss",
        measured=found,
        expected=wanted,
        remedy=f"Take the loss {loss} and let the model end with its last linear layer.",
        change={} if own else {"loss": loss},
    )


RULE = Rule(
    code="M208",
    name="logits-into-probability-loss",
    severity="error",
    moment="start",
    title="A loss on probabilities is given raw outputs",
    why="The logarithm of what is no probability is NaN, or has no gradient, or falls for ever.",
    source=cite("S0-36", "S1-21", "S3-19", "S4-07", "S4-08"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}, loss="nll"),
        start=start(loss=LossRecord(takes="log-probabilities"), behaviour=OutputRecord(logs_of_probabilities=False)),
    ),
    good=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}, loss="nll"),
        start=start(loss=LossRecord(takes="log-probabilities"), behaviour=OutputRecord(logs_of_probabilities=True)),
    ),
    explains=(
        "failing-loss",
        "inverted-loss",
        "implausible-initial-loss",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
