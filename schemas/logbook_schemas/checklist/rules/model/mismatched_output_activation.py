"""An output activation that the loss doesn't want.

What it checks: the PAIR of output activation and loss, never the activation alone. Accepted are: none with
`cross-entropy` and `bce-with-logits`; `log-softmax` with `nll`; `sigmoid` with `bce`; none with `mse`, `l1` and
`huber`, and there `sigmoid`, `tanh` and `softplus` too where all targets lie inside their range. Where
that range isn't known yet, a bounded output is a note. Softmax over a single output is an error under any loss: it is
always 1. A loss class of torch, such as torch.nn:CrossEntropyLoss, counts as ours.

Why it matters: nothing crashes. Softmax before cross-entropy is softmax twice: the loss can't come near 0 and
learning is slow. A relu at the end can't give negative outputs and may pass no gradient at all.

Instead: leave the last layer without an activation and take the loss that brings its own: `cross-entropy` or
`bce-with-logits`.

Source: My Neural Network isn't working! What should I do? (S0-34, S0-35, S0-36); Troubleshooting Neural Net
Training (S1-21); Practical Advice for Building Deep Neural Networks (S2-05); Debugging Neural Networks: A
Checklist (S3-19); What to do when a neural network does not learn (S4-07); where the guides contradict each
other on the last activation, the pair decides (C1).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.output_pairs import mismatch
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    found = mismatch(evidence.config, evidence.data) if evidence.config else None
    if found is not None:
        yield Said(
            message=f"The output activation {found.activation} doesn't fit the loss {found.loss}: {found.problem}.",
            where="model.output_activation",
            measured=found.activation,
            expected=found.expected,
            remedy="Set " + " and ".join(f"{path} to {value}" for path, value in found.change.items()) + ".",
            change=found.change,
            severity=found.severity,
        )


RULE = Rule(
    code="M101",
    name="mismatched-output-activation",
    severity="error",
    moment="config",
    title="The loss doesn't want this output activation",
    why="Nothing crashes, but the outputs don't mean what the loss takes them to mean, and learning is slow or stops.",
    source=cite("S0-34", "S0-35", "S0-36", "S1-21", "S2-05", "S3-19", "S4-07", "C1"),
    check=check,
    bad=lambda: evidence(config=config(model={"kind": "mlp", "output_activation": "softmax"})),
    good=lambda: evidence(config=config(model={"kind": "mlp", "output_activation": "log-softmax"}, loss="nll")),
    doc=__doc__ or "",
    version=2,
    explains=("parameter-without-gradient", *SYMPTOMS),
)
