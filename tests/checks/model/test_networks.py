"""Networks that aren't what they should be, beside healthy ones, each in a training."""

import pytest

from tests.checks import programs
from tests.checks.model.wiring import DIGITS, FORWARD, LAYERS, NUMBERS, OWN_OPTIMIZER, YES_OR_NO, module

NORMALIZED = LAYERS + "; self.norm = nn.BatchNorm1d(32)"
BEHIND_NORM = "return self.last(self.norm(self.first(x.flatten(1))).relu())"
RECURRENT = "self.lstm = nn.LSTM(8, 16, batch_first=True); self.last = nn.Linear(16, outputs)"
LAST_STEP = "return self.last(self.lstm(x.view(-1, 8, 8))[0][:, -1])"
ZERO_HEAD = LAYERS + "\nnn.init.zeros_(self.last.weight)"
ALL_ZERO = LAYERS + "\nfor weight in self.parameters():\n    nn.init.zeros_(weight)"
SQUARE = """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return 2 * x * gradient
"""
ROUND = """
class Round(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x.round()

    @staticmethod
    def backward(context, gradient):
        return gradient
"""
SQUARED = "return self.last(Square.apply(self.first(x.flatten(1))))"
RAW_TARGETS = {"data": {"source": {"kind": "sklearn", "dataset": "diabetes"}, "targets": []}}

FAULTY = {
    "the head is cut off": ("M201", DIGITS, module("return self.last(self.first(x.flatten(1)).relu().detach())")),
    "weights of 0": ("I102", DIGITS, module(layers=ALL_ZERO)),
    "a head of 0, cut off": (
        "M201",
        DIGITS,
        module("return self.last(self.first(x.flatten(1)).relu().detach())", ZERO_HEAD),
    ),
    "the batch taken for time": ("M204", DIGITS, module(LAST_STEP, RECURRENT.replace(", batch_first=True", ""))),
    "view for transpose": (
        "M204",
        DIGITS,
        module("rows = self.first(x.flatten(1)).relu()\nreturn self.last(rows.t().contiguous().view(-1, 32))"),
    ),
    "minus the batch's mean": (
        "M204",
        DIGITS,
        module("rows = self.first(x.flatten(1)).relu()\nreturn self.last(rows - rows.mean(0))"),
    ),
    "inputs that are dropped": (
        "M205",
        DIGITS,
        module("return self.last(self.first(torch.zeros_like(x).flatten(1)).relu())"),
    ),
    "no activation": ("M209", DIGITS, module("return self.last(self.first(x.flatten(1)))")),
    "no activation before log-softmax": (
        "M209",
        DIGITS | {"loss": "nll"},
        module("return self.last(self.first(x.flatten(1))).log_softmax(1)"),
    ),
    "dropout that never stops": (
        "M210",
        DIGITS,
        module("return self.last(F.dropout(self.first(x.flatten(1)).relu(), 0.5))"),
    ),
    "normalization that never stops": (
        "M210",
        DIGITS,
        module(BEHIND_NORM, NORMALIZED, more="Net.train = lambda self, mode=True: nn.Module.train(self, True)"),
    ),
    "a layer that is forgotten": ("M211", DIGITS, module(layers=LAYERS + "; self.second = nn.Linear(32, 32)")),
    "an optimizer that climbs": (
        "M212",
        DIGITS | OWN_OPTIMIZER,
        module(more="def optimizer(parameters):\n    return torch.optim.SGD(parameters, lr=0.01, maximize=True)"),
    ),
    "relu before cross-entropy": ("M214", DIGITS, module(FORWARD + ".relu()")),
    "tanh before cross-entropy": ("M215", DIGITS, module(FORWARD + ".tanh()")),
    "relu before bce-with-logits": ("M215", YES_OR_NO, module(FORWARD + ".relu()")),
    "tanh, and targets of 2": ("M215", NUMBERS, module(FORWARD + ".tanh()")),
    "relu, and targets below 0": ("M215", NUMBERS, module(FORWARD + ".relu()")),
    "too few outputs": ("M216", DIGITS, module(layers=LAYERS.replace("outputs)", "7)"))),
    "softmax over one output": ("M216", YES_OR_NO | {"loss": "bce"}, module(FORWARD + ".softmax(1)")),
    "softmax over the batch": ("M217", DIGITS, module(FORWARD + ".softmax(0)")),
    "a gradient without its factor": ("M221", DIGITS, module(SQUARED, more=SQUARE.replace("2 * x", "x"))),
    "another network's parameters": (
        "L202",
        DIGITS | OWN_OPTIMIZER,
        module(
            more="def optimizer(parameters):\n"
            "    copies = [p.detach().clone().requires_grad_() for p in parameters]\n"
            "    return torch.optim.SGD(copies, lr=0.01)"
        ),
    ),
    "only frozen parameters": (
        "M218",
        DIGITS | OWN_OPTIMIZER,
        module(
            layers=LAYERS + "\nself.first.requires_grad_(False)",
            more="def optimizer(parameters):\n    return torch.optim.SGD(list(parameters)[:2], lr=0.01)",
        ),
    ),
}
HEALTHY = {
    "plain": (DIGITS, module()),
    "yes or no": (YES_OR_NO, module()),
    "yes or no without an axis": (YES_OR_NO, module(FORWARD + ".squeeze(1)")),
    "numbers": (NUMBERS, module()),
    "recurrent": (DIGITS, module(LAST_STEP, RECURRENT)),
    "attention": (
        DIGITS,
        module(
            "return self.last(self.block(x.view(-1, 8, 8)).flatten(1))",
            "self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True); self.last = nn.Linear(64, outputs)",
        ),
    ),
    "normalized": (DIGITS, module(BEHIND_NORM, NORMALIZED)),
    "normalized by each batch": (
        DIGITS,
        module(BEHIND_NORM, NORMALIZED.replace("(32)", "(32, track_running_stats=False)")),
    ),
    "dropout": (
        DIGITS,
        module(
            "return self.last(self.drop(self.first(x.flatten(1)).relu()))", LAYERS + "; self.drop = nn.Dropout(0.5)"
        ),
    ),
    "linear": (DIGITS, module("return self.first(x.flatten(1))", "self.first = nn.Linear(size, outputs)")),
    "a head of 0": (DIGITS, module(layers=ZERO_HEAD)),
    "nearly linear at first": (
        DIGITS,
        module(
            "return self.last(self.first(x.flatten(1)).tanh())",
            LAYERS + "\nfor weight in self.parameters():\n    nn.init.normal_(weight, 0, 0.02)",
        ),
    ),
    "a second head in training": (
        DIGITS,
        module(
            "rows = self.first(x.flatten(1)).relu()\n"
            "return self.last(rows) + 0.3 * self.other(rows) if self.training else self.last(rows)",
            LAYERS + "; self.other = nn.Linear(32, outputs)",
        ),
    ),
    "frozen layers": (DIGITS, module(layers=LAYERS + "\nself.first.requires_grad_(False)")),
    "a gate": (
        DIGITS,
        module(
            "rows = self.first(x.flatten(1)).relu()\nreturn self.last(rows) * self.gate(rows).sigmoid()",
            LAYERS + "; self.gate = nn.Linear(32, outputs)",
        ),
    ),
    "capped far out": (DIGITS, module(FORWARD.replace("return ", "return 30 * (") + " / 30).tanh()")),
    "cosines with a scale": (
        DIGITS,
        module(
            "return 16 * F.normalize(self.first(x.flatten(1)), dim=1) @ F.normalize(self.places, dim=1).t()",
            "self.first = nn.Linear(size, 32); self.places = nn.Parameter(torch.randn(outputs, 32))",
        ),
    ),
    "one layer three times, in place": (
        DIGITS,
        module(
            "x = x.flatten(1)\nfor _ in range(3):\n    x = self.act(self.first(x))\nreturn self.last(x)",
            "self.first = nn.Linear(size, size); self.last = nn.Linear(size, outputs); self.act = nn.ReLU(True)",
        ),
    ),
    "lazy": (DIGITS, module(layers="self.first = nn.LazyLinear(32); self.last = nn.LazyLinear(outputs)")),
    "a gradient of one's own": (DIGITS, module(SQUARED, more=SQUARE)),
    "a gradient passed straight through": (
        DIGITS,
        module("return self.last(Round.apply(self.first(x.flatten(1))))", more=ROUND),
    ),
    "sigmoid, and targets from 0 to 1": (
        NUMBERS | {"data": {**NUMBERS["data"], "targets": ["min-max"]}},
        module(FORWARD + ".sigmoid()"),
    ),
}


@pytest.mark.parametrize("program", FAULTY)
@pytest.mark.parametrize("seed", programs.SEEDS)
def test_the_fault_is_the_first_finding(seed, program, tmp_path):
    code, config, source = FAULTY[program]
    run = programs.run(tmp_path, config, source, seed=seed)
    assert run.findings[0].code == code, programs.told(run.findings)


@pytest.mark.parametrize("program", HEALTHY)
@pytest.mark.parametrize("seed", programs.SEEDS)
def test_a_healthy_network_is_no_finding(program, seed, tmp_path):
    config, source = HEALTHY[program]
    assert programs.told(programs.check(tmp_path, config, source, seed=seed)) == []


def test_far_targets_are_found_with_the_data(tmp_path):
    findings = programs.check(tmp_path, NUMBERS | RAW_TARGETS, module())
    assert {"unscaled-targets", "targets-beyond-outputs"} <= set(programs.loud(findings))
