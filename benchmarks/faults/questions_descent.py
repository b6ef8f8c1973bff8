"""What people ask about when their network doesn't learn: learning rates, optimizers, schedules, clipping.

Small toy problems and odd set-ups, mostly in a person's own code; kinds and answers were decided before any was run.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.bases import own, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS", "net", "steps", "toy"]

MODEL, OPTIMIZER = "model", "optimizer"
ALL = {"kind": "random", "validation": 0.0}
NEVER_SHOWN = "four rows have no validation: there is no score"


def net(name: str = "Stack", /, **kwargs: Any) -> Config:
    return target(f"learners:{name}", **kwargs)


def steps(name: str, /, **kwargs: Any) -> Config:
    return target(f"descents:{name}", **kwargs)


def toy(data: str, task: str, model: Config, epochs: int, optimizer: Config, /, **edit: Any) -> Config:
    return own(task, target(f"toys:{data}"), model, epochs, optimizer=optimizer, **edit)


def deep(layers: int, width: int = 24) -> tuple[int, ...]:
    return (width,) * layers


XOR = own(
    "binary",
    target("toys:xor"),
    net(hidden=(8,), activation="tanh"),
    300,
    optimizer=steps("adam", lr=0.05),
    **{"training.batch_size": 4, "data.split": ALL},
)
SIGMOID_XOR = own(
    "regression",
    target("toys:xor"),
    net(hidden=(4,), activation="sigmoid", last="sigmoid"),
    800,
    optimizer=steps("sgd", lr=1.0),
    **{"training.batch_size": 4, "data.split": ALL},
)
SINE = toy("sine", "regression", net(hidden=(32, 32), activation="tanh"), 30, steps("rmsprop", lr=0.003))
SUMS = toy("sums", "regression", net(hidden=(16,), activation="sigmoid"), 30, steps("sgd", lr=0.1))
IRIS = toy("iris", "classification", net(hidden=(16, 16)), 40, steps("sgd", lr=0.02))
WINE = toy("wine", "classification", net(hidden=(24,)), 30, steps("sgd", lr=0.02))
CANCER = toy("cancer", "classification", net(hidden=(32, 32)), 20, steps("adam"))
DIABETES = toy("diabetes", "regression", net(hidden=(16,)), 25, steps("sgd", lr=0.01))
BARS = toy("bars", "classification", net("Picture"), 12, steps("adam", lr=0.002))
NORMED_BARS = toy("bars", "classification", net("Picture", norm=True), 12, steps("adam", lr=0.002))
WAVES = own("classification", target("signals:waves"), net("Series"), 20, optimizer=steps("adam", lr=0.01))
UNROLLED = own("classification", target("signals:waves"), net("Unrolled"), 20, optimizer=steps("adam", lr=0.005))
FIRST_NOTE = own(
    "classification",
    target("toys:first_note", steps=8),
    net("Series", cell="GRU"),
    20,
    optimizer=steps("adam", lr=0.01),
)
STROKES = toy("strokes", "regression", net("Bottle"), 25, steps("adam", lr=0.003))

RATES = (
    Program(
        id="xor-adam-at-five",
        kind="rate-too-high",
        source="Q&A: XOR won't train, Adam(lr=5)",
        twin=XOR,
        fault={OPTIMIZER: steps("adam", lr=5.0)},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="xor-sgd-at-fifty",
        kind="rate-too-high",
        source="Q&A: XOR sticks at 0.25",
        twin=SIGMOID_XOR,
        fault={OPTIMIZER: steps("sgd", lr=50.0)},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="sine-rmsprop-at-one",
        kind="rate-too-high",
        source="Q&A: network can't fit sin x",
        twin=SINE,
        fault={OPTIMIZER: steps("rmsprop", lr=1.0)},
        moment="start",
    ),
    Program(
        id="bars-adam-at-a-tenth",
        kind="rate-too-high",
        source="Q&A: CNN predicts one class",
        twin=BARS,
        fault={OPTIMIZER: steps("adam", lr=0.1)},
        moment="epoch",
    ),
    Program(
        id="wine-momentum-of-99",
        kind="rate-too-high",
        source="Q&A: loss swings with momentum 0.99",
        twin=WINE,
        fault={OPTIMIZER: steps("sgd", lr=1.0, momentum=0.99)},
        moment="start",
    ),
    Program(
        id="lstm-adam-at-one",
        kind="rate-too-high",
        source="Q&A: LSTM loss doesn't fall",
        twin=WAVES,
        fault={OPTIMIZER: steps("adam", lr=1.0)},
        moment="start",
    ),
    Program(
        id="one-row-at-a-time",
        kind="rate-too-high",
        source="Q&A: loss is NaN with batch size 1",
        twin=DIABETES,
        fault={OPTIMIZER: steps("sgd", lr=0.3), "training.batch_size": 1},
        moment="epoch",
        learns=0.3,
    ),
    Program(
        id="autoencoder-adam-at-one",
        kind="rate-too-high",
        source="Q&A: autoencoder gives the same image for all",
        twin=STROKES,
        fault={OPTIMIZER: steps("adam", lr=1.0)},
        moment="start",
    ),
    Program(
        id="sine-sgd-at-a-hundred-thousandth",
        kind="rate-too-low",
        source="Q&A: loss falls in the fifth digit",
        twin=SINE,
        fault={OPTIMIZER: steps("sgd", lr=1e-5)},
        moment="start",
    ),
    Program(
        id="cancer-adam-at-a-millionth",
        kind="rate-too-low",
        source="Q&A: accuracy stays at 0.37",
        twin=CANCER,
        fault={OPTIMIZER: {"kind": "python", "target": "torch.optim:Adam", "kwargs": {"lr": 1e-6}}},
        moment="config",
    ),
    Program(
        id="sigmoids-hardly-moved",
        kind="rate-too-low",
        source="Q&A: sigmoid network outputs the mean",
        twin=SUMS,
        fault={OPTIMIZER: steps("sgd", lr=1e-4, momentum=0.0)},
        moment="epoch",
    ),
    Program(
        id="rate-as-a-whole-number",
        kind="rate-too-low",
        source="Q&A: loss is the same each epoch; int(lr) is 0",
        twin=CANCER,
        fault={OPTIMIZER: steps("adam", whole=True)},
        moment="start",
    ),
)

STEPS = (
    Program(
        id="updates-undone",
        kind="unoptimized-layer",
        source="Q&A: weights don't change; weights are put back",
        twin=toy("cancer", "classification", net(hidden=(32, 32)), 20, steps("restoring")),
        fault={OPTIMIZER: steps("restoring", restores=True)},
        moment="epoch",
    ),
    Program(
        id="gradients-never-cleared",
        kind="accumulated-gradients",
        source="Q&A: forgot zero_grad",
        twin=toy("wine", "classification", net(hidden=(24,)), 30, steps("keeping", lr=0.1)),
        fault={OPTIMIZER: steps("keeping", lr=0.1, clears=False)},
        moment="epoch",
        hidden="wine is easy enough to survive it with some seeds",
    ),
    Program(
        id="uphill",
        kind="inverted-loss",
        source="Q&A: loss grows, maximize=True",
        twin=IRIS,
        fault={OPTIMIZER: steps("sgd", lr=0.02, maximize=True)},
        moment="start",
    ),
    Program(
        id="lbfgs-on-eighths",
        kind="minibatch-lbfgs",
        source="Q&A: L-BFGS worse than SGD with a DataLoader",
        twin=toy(
            "sine",
            "regression",
            net(hidden=(32,), activation="tanh"),
            15,
            steps("bfgs"),
            **{"training.batch_size": "all"},
        ),
        fault={"training.batch_size": 8},
        moment="start",
        hidden="with luck it learns",
    ),
    Program(
        id="clipped-to-a-ten-thousandth",
        kind="tight-clipping",
        source="Q&A: clip_grad_norm_ with 1e-4",
        twin=IRIS,
        fault={"gradients": {"clip": {"kind": "norm", "max_norm": 1e-4}}},
        moment="epoch",
    ),
    Program(
        id="a-tenth-every-epoch",
        kind="early-decay",
        source="Q&A: StepLR(step_size=1), loss freezes",
        twin=SUMS,
        fault={"schedule": {"kind": "step", "step_size": 1, "gamma": 0.1}},
        moment="data",
        hidden="so easy a task is half learnt in an epoch",
    ),
    Program(
        id="warm-up-in-epochs",
        kind="long-warmup",
        source="Q&A: warm-up of 5000 steps on 150 rows",
        twin=IRIS,
        fault={"schedule": {"kind": "constant", "warmup": 5000}},
        moment="data",
    ),
    Program(
        id="summed-over-the-batch",
        kind="summed-loss",
        source="Q&A: reduction='sum', loss explodes with the batch size",
        twin=toy("iris", "classification", net(hidden=(16, 16)), 40, steps("sgd", lr=0.05),
                  loss=target("objectives:cross_entropy")),
        fault={"loss": target("objectives:cross_entropy", reduction="sum")},
        moment="start",
        hidden="some seeds survive it",
    ),
)  # fmt: skip

PROGRAMS = (*RATES, *STEPS)
