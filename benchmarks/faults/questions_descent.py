"""What people ask about when their network doesn't learn: rates, optimizers, plans, first weights, depth, recurrence.

Small toy problems and odd set-ups, mostly in a person's own code; kinds and answers were decided before any was run.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.bases import own, points, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS"]

MODEL, OPTIMIZER = "model", "optimizer"
ALL = {"kind": "random", "validation": 0.0}
NEVER_SHOWN = "four rows have no validation: there is no score"


def _net(name: str = "Stack", /, **kwargs: Any) -> Config:
    return target(f"learners:{name}", **kwargs)


def _steps(name: str, /, **kwargs: Any) -> Config:
    return target(f"descents:{name}", **kwargs)


def _toy(data: str, task: str, model: Config, epochs: int, optimizer: Config, /, **edit: Any) -> Config:
    return own(task, target(f"toys:{data}"), model, epochs, optimizer=optimizer, **edit)


def _deep(layers: int, width: int = 24) -> tuple[int, ...]:
    return (width,) * layers


XOR = own(
    "binary",
    target("toys:xor"),
    _net(hidden=(8,), activation="tanh"),
    300,
    optimizer=_steps("adam", lr=0.05),
    **{"training.batch_size": 4, "data.split": ALL},
)
SIGMOID_XOR = own(
    "regression",
    target("toys:xor"),
    _net(hidden=(4,), activation="sigmoid", last="sigmoid"),
    800,
    optimizer=_steps("sgd", lr=1.0),
    **{"training.batch_size": 4, "data.split": ALL},
)
SINE = _toy("sine", "regression", _net(hidden=(32, 32), activation="tanh"), 30, _steps("rmsprop", lr=0.003))
SUMS = _toy("sums", "regression", _net(hidden=(16,), activation="sigmoid"), 30, _steps("sgd", lr=0.1))
IRIS = _toy("iris", "classification", _net(hidden=(16, 16)), 40, _steps("sgd", lr=0.02))
WINE = _toy("wine", "classification", _net(hidden=(24,)), 30, _steps("sgd", lr=0.02))
CANCER = _toy("cancer", "classification", _net(hidden=(32, 32)), 20, _steps("adam"))
DIABETES = _toy("diabetes", "regression", _net(hidden=(16,)), 25, _steps("sgd", lr=0.01))
BARS = _toy("bars", "classification", _net("Picture"), 12, _steps("adam", lr=0.002))
NORMED_BARS = _toy("bars", "classification", _net("Picture", norm=True), 12, _steps("adam", lr=0.002))
WAVES = own("classification", target("signals:waves"), _net("Series"), 20, optimizer=_steps("adam", lr=0.01))
UNROLLED = own("classification", target("signals:waves"), _net("Unrolled"), 20, optimizer=_steps("adam", lr=0.005))
FIRST_NOTE = own(
    "classification",
    target("toys:first_note", steps=8),
    _net("Series", cell="GRU"),
    20,
    optimizer=_steps("adam", lr=0.01),
)
STROKES = _toy("strokes", "regression", _net("Bottle"), 25, _steps("adam", lr=0.003))

RATES = (
    Program(
        id="xor-adam-at-five",
        kind="rate-too-high",
        source="Q&A: XOR won't train, Adam(lr=5)",
        twin=XOR,
        fault={OPTIMIZER: _steps("adam", lr=5.0)},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="xor-sgd-at-fifty",
        kind="rate-too-high",
        source="Q&A: XOR sticks at 0.25",
        twin=SIGMOID_XOR,
        fault={OPTIMIZER: _steps("sgd", lr=50.0)},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="sine-rmsprop-at-one",
        kind="rate-too-high",
        source="Q&A: network can't fit sin x",
        twin=SINE,
        fault={OPTIMIZER: _steps("rmsprop", lr=1.0)},
        moment="start",
    ),
    Program(
        id="bars-adam-at-a-tenth",
        kind="rate-too-high",
        source="Q&A: CNN predicts one class",
        twin=BARS,
        fault={OPTIMIZER: _steps("adam", lr=0.1)},
        moment="epoch",
    ),
    Program(
        id="wine-momentum-of-99",
        kind="rate-too-high",
        source="Q&A: loss swings with momentum 0.99",
        twin=WINE,
        fault={OPTIMIZER: _steps("sgd", lr=1.0, momentum=0.99)},
        moment="start",
    ),
    Program(
        id="lstm-adam-at-one",
        kind="rate-too-high",
        source="Q&A: LSTM loss doesn't fall",
        twin=WAVES,
        fault={OPTIMIZER: _steps("adam", lr=1.0)},
        moment="start",
    ),
    Program(
        id="one-row-at-a-time",
        kind="rate-too-high",
        source="Q&A: loss is NaN with batch size 1",
        twin=DIABETES,
        fault={OPTIMIZER: _steps("sgd", lr=0.3), "training.batch_size": 1},
        moment="epoch",
        learns=0.3,
    ),
    Program(
        id="autoencoder-adam-at-one",
        kind="rate-too-high",
        source="Q&A: autoencoder gives the same image for all",
        twin=STROKES,
        fault={OPTIMIZER: _steps("adam", lr=1.0)},
        moment="start",
    ),
    Program(
        id="sine-sgd-at-a-hundred-thousandth",
        kind="rate-too-low",
        source="Q&A: loss falls in the fifth digit",
        twin=SINE,
        fault={OPTIMIZER: _steps("sgd", lr=1e-5)},
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
        fault={OPTIMIZER: _steps("sgd", lr=1e-4, momentum=0.0)},
        moment="epoch",
    ),
    Program(
        id="rate-as-a-whole-number",
        kind="rate-too-low",
        source="Q&A: loss is the same each epoch; int(lr) is 0",
        twin=CANCER,
        fault={OPTIMIZER: _steps("adam", whole=True)},
        moment="start",
    ),
)

STEPS = (
    Program(
        id="updates-undone",
        kind="unoptimized-layer",
        source="Q&A: weights don't change; weights are put back",
        twin=_toy("cancer", "classification", _net(hidden=(32, 32)), 20, _steps("restoring")),
        fault={OPTIMIZER: _steps("restoring", restores=True)},
        moment="epoch",
    ),
    Program(
        id="gradients-never-cleared",
        kind="accumulated-gradients",
        source="Q&A: forgot zero_grad",
        twin=_toy("wine", "classification", _net(hidden=(24,)), 30, _steps("keeping", lr=0.1)),
        fault={OPTIMIZER: _steps("keeping", lr=0.1, clears=False)},
        moment="epoch",
        hidden="wine is easy enough to survive it with some seeds",
    ),
    Program(
        id="uphill",
        kind="inverted-loss",
        source="Q&A: loss grows, maximize=True",
        twin=IRIS,
        fault={OPTIMIZER: _steps("sgd", lr=0.02, maximize=True)},
        moment="start",
    ),
    Program(
        id="lbfgs-on-eighths",
        kind="minibatch-lbfgs",
        source="Q&A: L-BFGS worse than SGD with a DataLoader",
        twin=_toy(
            "sine",
            "regression",
            _net(hidden=(32,), activation="tanh"),
            15,
            _steps("bfgs"),
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
        twin=_toy("iris", "classification", _net(hidden=(16, 16)), 40, _steps("sgd", lr=0.05),
                  loss=target("objectives:cross_entropy")),
        fault={"loss": target("objectives:cross_entropy", reduction="sum")},
        moment="start",
        hidden="some seeds survive it",
    ),
)  # fmt: skip

PLANS = (
    Program(
        id="one-epoch-of-tumours",
        kind="too-few-updates",
        source="Q&A: accuracy of a coin after training",
        twin=_toy("cancer", "classification", _net(hidden=(32,)), 30, _steps("sgd", lr=0.002)),
        fault={"training.epochs": 1},
        moment="end",
        hidden="tumours are told apart well after few steps",
    ),
    Program(
        id="three-epochs-of-spirals",
        kind="too-few-updates",
        source="Q&A: network draws a line through the spirals",
        twin=points(**{"training.epochs": 40}),
        fault={"training.epochs": 3},
        moment="end",
    ),
    Program(
        id="two-epochs-of-waves",
        kind="too-few-updates",
        source="Q&A: LSTM at chance",
        twin=WAVES,
        fault={"training.epochs": 2},
        moment="end",
    ),
    Program(
        id="one-batch-an-epoch",
        kind="too-few-updates",
        source="Q&A: DataLoader(batch_size=len(data))",
        twin=BARS,
        fault={"training.batch_size": 1000, "training.epochs": 8},
        moment="data",
    ),
    Program(
        id="stopped-at-the-first-rise",
        kind="impatience",
        source="Q&A: EarlyStopping(patience=1) ends at once",
        twin=points(
            optimizer={"kind": "sgd", "lr": 0.3}, **{"training.early_stopping": {"patience": 30}, "training.epochs": 80}
        ),
        fault={"training.early_stopping": {"patience": 1}},
        moment="end",
    ),
    Program(
        id="hundred-steps-a-batch",
        kind="repeated-batch",
        source="Q&A: for _ in range(100) inside the loop over batches",
        twin=WINE,
        fault={"training.updates_per_batch": 100, "training.batch_size": 8, "training.epochs": 3},
        moment="config",
        hidden="each batch is learnt by heart, and wine is easy",
    ),
)

NETWORKS = (
    Program(
        id="five-sigmoids-deep",
        kind="saturating-activations",
        source="Q&A: deep sigmoid network stays at chance",
        twin=_toy("iris", "classification", _net(hidden=_deep(5)), 40, _steps("adam", lr=0.003)),
        fault={MODEL: _net(hidden=_deep(5), activation="sigmoid")},
        moment="start",
    ),
    Program(
        id="four-sigmoids-on-wine",
        kind="saturating-activations",
        source="Q&A: four sigmoid layers, loss at ln 3",
        twin=_toy("wine", "classification", _net(hidden=_deep(4), activation="relu"), 30, _steps("sgd", lr=0.02)),
        fault={MODEL: _net(hidden=_deep(4), activation="sigmoid")},
        moment="start",
    ),
    Program(
        id="twenty-five-layers",
        kind="deep-plain-network",
        source="Q&A: more layers, worse result",
        twin=_toy("cancer", "classification", _net(hidden=_deep(3)), 20, _steps("adam")),
        fault={MODEL: _net(hidden=_deep(25))},
        moment="start",
    ),
    Program(
        id="tanh-against-its-bounds",
        kind="large-weights",
        source="Q&A: tanh outputs are all -1 and 1",
        twin=_toy("wine", "classification", _net(hidden=_deep(3), activation="tanh"), 30, _steps("sgd", lr=0.02)),
        fault={MODEL: _net(hidden=_deep(3), activation="tanh", start="threes")},
        moment="start",
        hidden="wine is told apart by random features",
    ),
    Program(
        id="uniform-from-0-to-1",
        kind="large-weights",
        source="Q&A: torch.rand weights, loss in the thousands",
        twin=CANCER,
        fault={MODEL: _net(hidden=(32, 32), start="uniform")},
        moment="start",
        hidden="Adam gets over it in the end",
    ),
    Program(
        id="normal-sine",
        kind="large-weights",
        source="Q&A: torch.randn weights",
        twin=SINE,
        fault={MODEL: _net(hidden=(64, 64), activation="tanh", start="normal")},
        moment="start",
        hidden="it fits a sine all the same, roughly",
    ),
    Program(
        id="all-ones",
        kind="identical-weights",
        source="Q&A: weights initialised to 1",
        twin=WINE,
        fault={MODEL: _net(hidden=(24,), start="ones")},
        moment="start",
        hidden="one unit a layer is enough for much of the wines",
    ),
    Program(
        id="xor-of-halves",
        kind="identical-weights",
        source="Q&A: XOR with equal weights",
        twin=XOR,
        fault={MODEL: _net(hidden=(8,), activation="tanh", start="half")},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="ten-thousandths",
        kind="small-weights",
        source="Q&A: randn * 1e-4 in four layers",
        twin=_toy("wine", "classification", _net(hidden=_deep(4)), 30, _steps("sgd", lr=0.02)),
        fault={MODEL: _net(hidden=_deep(4), start="tiny")},
        moment="start",
    ),
    Program(
        id="pictures-behind-dead-filters",
        kind="large-bias",
        source="Q&A: CNN gives the same for every image",
        twin=BARS,
        fault={MODEL: _net("Picture", bias=-10.0)},
        moment="start",
    ),
    Program(
        id="selu-and-batch-norm",
        kind="mixed-self-normalization",
        source="Q&A: selu with BatchNorm",
        twin=_toy(
            "wine", "classification", _net(hidden=_deep(3), activation="selu", start="lecun"), 30, _steps("adam")
        ),
        fault={MODEL: _net(hidden=_deep(3), activation="selu", norm=True)},
        moment="start",
        hidden="it trains, and two things do one job",
    ),
    Program(
        id="dropout-of-nine-tenths",
        kind="excessive-dropout",
        source="Q&A: Dropout(0.9) meant as keep",
        twin=_toy("bars", "classification", _net("Picture", dropout=0.1), 12, _steps("adam", lr=0.002)),
        fault={MODEL: _net("Picture", dropout=0.9)},
        moment="start",
    ),
    Program(
        id="decay-of-a-half",
        kind="excessive-penalty",
        source="Q&A: weight_decay=0.5, outputs all alike",
        twin=CANCER,
        fault={OPTIMIZER: _steps("adam", weight_decay=0.5)},
        moment="start",
        hidden="tumours are told apart by their mean alone",
    ),
    Program(
        id="irises-under-l1",
        kind="excessive-penalty",
        source="Q&A: L1 of all weights, everything becomes 0",
        twin=IRIS,
        fault={"regularization": {"l1": 0.1}},
        moment="config",
    ),
    Program(
        id="averages-that-stay",
        kind="unlike-in-evaluation",
        source="Q&A: fine in train(), chance in eval(); momentum=0",
        twin=NORMED_BARS,
        fault={MODEL: _net("Picture", norm=True, momentum=0.0)},
        moment="end",
        hidden="running averages of 0 and 1 may do by luck",
    ),
    Program(
        id="recurrence-that-grows",
        kind="exploding-recurrence",
        source="Q&A: RNN by hand, loss NaN",
        twin=UNROLLED,
        fault={MODEL: _net("Unrolled", scale=3.0)},
        moment="start",
    ),
    Program(
        id="forgets-the-first-note",
        kind="vanishing-recurrence",
        source="Q&A: vanilla RNN over 150 steps at chance",
        twin=FIRST_NOTE,
        fault={"data.source": target("toys:first_note", steps=300), MODEL: _net("Series", cell="RNN")},
        moment="start",
    ),
)

PROGRAMS = (*RATES, *STEPS, *PLANS, *NETWORKS)
