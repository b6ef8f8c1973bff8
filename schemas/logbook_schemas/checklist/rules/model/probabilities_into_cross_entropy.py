"""Outputs that are probabilities already, handed to a loss that wants raw outputs.

What it checks: whether, in a person's own model trained with cross-entropy, the outputs of a real batch lie
between 0 and 1 and sum to 1 in each row. (For the built-in models the config says it: see
mismatched-output-activation.)

Why it matters: cross-entropy applies softmax itself. Applied twice it squeezes the outputs together: with ten
classes the loss can't fall below 1.46, the gradients are small, and nothing crashes.

Instead: end the model with its last linear layer, without softmax; or take the logarithm and use the loss `nll`.

Source: Debugging Neural Networks: A Checklist (S3-19); What to do when a neural network does not learn (S4-07);
where the guides contradict each other on the last activation, the pair with the loss decides (C1).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    config, start = evidence.config, evidence.start
    if config is None or start is None or config.model.kind != "python" or config.loss.kind != "cross-entropy":
        return
    if start.outputs_sum_to_one:
        yield Said(
            message="The model's outputs are probabilities (in [0, 1], each row sums to 1), but cross-entropy applies"
            " softmax itself and wants raw outputs.",
            where="model",
            measured="rows of outputs sum to 1",
            expected="raw outputs (logits)",
            remedy="Remove the softmax at the end of the model.",
        )


RULE = Rule(
    code="M202",
    name="probabilities-into-cross-entropy",
    severity="error",
    moment="start",
    title="Cross-entropy is given probabilities instead of raw outputs",
    why="Softmax is applied twice: the loss can't come near 0 and the gradients are small.",
    source=cite("S3-19", "S4-07", "C1"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}), start=start(outputs_sum_to_one=True)
    ),
    good=lambda: evidence(config=config(model={"kind": "python", "target": "net:build"})),
    doc=__doc__ or "",
    explains=("implausible-initial-loss", "stuck-loss", "one-class-predictions", "no-better-than-baseline"),
)
