"""What people ask about when their network doesn't learn: plans, first weights, depth, regularization, recurrence.

Written with `questions_descent.py`, whose small problems they share; decided before any was run.
"""

from __future__ import annotations

from benchmarks.faults.bases import points, target
from benchmarks.faults.program import Program
from benchmarks.faults.questions_descent import (
    BARS,
    CANCER,
    FIRST_NOTE,
    IRIS,
    MODEL,
    NEVER_SHOWN,
    NORMED_BARS,
    OPTIMIZER,
    SINE,
    UNROLLED,
    WAVES,
    WINE,
    XOR,
    deep,
    net,
    steps,
    toy,
)

__all__ = ["PROGRAMS"]

PLANS = (
    Program(
        id="one-epoch-of-tumours",
        kind="too-few-updates",
        source="Q&A: accuracy of a coin after training",
        twin=toy("cancer", "classification", net(hidden=(32,)), 30, steps("sgd", lr=0.002)),
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
        twin=toy("iris", "classification", net(hidden=deep(5)), 40, steps("adam", lr=0.003)),
        fault={MODEL: net(hidden=deep(5), activation="sigmoid")},
        moment="start",
    ),
    Program(
        id="four-sigmoids-on-wine",
        kind="saturating-activations",
        source="Q&A: four sigmoid layers, loss at ln 3",
        twin=toy("wine", "classification", net(hidden=deep(4), activation="relu"), 30, steps("sgd", lr=0.02)),
        fault={MODEL: net(hidden=deep(4), activation="sigmoid")},
        moment="start",
    ),
    Program(
        id="twenty-five-layers",
        kind="deep-plain-network",
        source="Q&A: more layers, worse result",
        twin=toy("cancer", "classification", net(hidden=deep(3)), 20, steps("adam")),
        fault={MODEL: net(hidden=deep(25))},
        moment="start",
    ),
    Program(
        id="tanh-against-its-bounds",
        kind="large-weights",
        source="Q&A: tanh outputs are all -1 and 1",
        twin=toy("wine", "classification", net(hidden=deep(3), activation="tanh"), 30, steps("sgd", lr=0.02)),
        fault={MODEL: net(hidden=deep(3), activation="tanh", start="threes")},
        moment="start",
        hidden="wine is told apart by random features",
    ),
    Program(
        id="uniform-from-0-to-1",
        kind="large-weights",
        source="Q&A: torch.rand weights, loss in the thousands",
        twin=CANCER,
        fault={MODEL: net(hidden=(32, 32), start="uniform")},
        moment="start",
        hidden="Adam gets over it in the end",
    ),
    Program(
        id="normal-sine",
        kind="large-weights",
        source="Q&A: torch.randn weights",
        twin=SINE,
        fault={MODEL: net(hidden=(64, 64), activation="tanh", start="normal")},
        moment="start",
        hidden="it fits a sine all the same, roughly",
    ),
    Program(
        id="all-ones",
        kind="identical-weights",
        source="Q&A: weights initialised to 1",
        twin=WINE,
        fault={MODEL: net(hidden=(24,), start="ones")},
        moment="start",
        hidden="one unit a layer is enough for much of the wines",
    ),
    Program(
        id="xor-of-halves",
        kind="identical-weights",
        source="Q&A: XOR with equal weights",
        twin=XOR,
        fault={MODEL: net(hidden=(8,), activation="tanh", start="half")},
        moment="start",
        hidden=NEVER_SHOWN,
    ),
    Program(
        id="ten-thousandths",
        kind="small-weights",
        source="Q&A: randn * 1e-4 in four layers",
        twin=toy("wine", "classification", net(hidden=deep(4)), 30, steps("sgd", lr=0.02)),
        fault={MODEL: net(hidden=deep(4), start="tiny")},
        moment="start",
    ),
    Program(
        id="pictures-behind-dead-filters",
        kind="large-bias",
        source="Q&A: CNN gives the same for every image",
        twin=BARS,
        fault={MODEL: net("Picture", bias=-10.0)},
        moment="start",
    ),
    Program(
        id="selu-and-batch-norm",
        kind="mixed-self-normalization",
        source="Q&A: selu with BatchNorm",
        twin=toy("wine", "classification", net(hidden=deep(3), activation="selu", start="lecun"), 30, steps("adam")),
        fault={MODEL: net(hidden=deep(3), activation="selu", norm=True)},
        moment="start",
        hidden="it trains, and two things do one job",
    ),
    Program(
        id="dropout-of-nine-tenths",
        kind="excessive-dropout",
        source="Q&A: Dropout(0.9) meant as keep",
        twin=toy("bars", "classification", net("Picture", dropout=0.1), 12, steps("adam", lr=0.002)),
        fault={MODEL: net("Picture", dropout=0.9)},
        moment="start",
    ),
    Program(
        id="decay-of-a-half",
        kind="excessive-penalty",
        source="Q&A: weight_decay=0.5, outputs all alike",
        twin=CANCER,
        fault={OPTIMIZER: steps("adam", weight_decay=0.5)},
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
        fault={MODEL: net("Picture", norm=True, momentum=0.0)},
        moment="end",
        hidden="running averages of 0 and 1 may do by luck",
    ),
    Program(
        id="recurrence-that-grows",
        kind="exploding-recurrence",
        source="Q&A: RNN by hand, loss NaN",
        twin=UNROLLED,
        fault={MODEL: net("Unrolled", scale=3.0)},
        moment="start",
    ),
    Program(
        id="forgets-the-first-note",
        kind="vanishing-recurrence",
        source="Q&A: vanilla RNN over 150 steps at chance",
        twin=FIRST_NOTE,
        fault={"data.source": target("toys:first_note", steps=300), MODEL: net("Series", cell="RNN")},
        moment="start",
    ),
)

PROGRAMS = (*PLANS, *NETWORKS)
