"""Losses that aren't what they should be, beside healthy ones, each in a training."""

import pytest

from tests.checks import programs
from tests.checks.model.wiring import DIGITS, FORWARD, NUMBERS, OWN_LOSS, YES_OR_NO, module

SOFTMAX = FORWARD + ".softmax(1)"
SIGMOID = FORWARD + ".sigmoid()"
LOG_SOFTMAX = FORWARD + ".log_softmax(1)"
SQUEEZED = FORWARD + ".squeeze(1)"
SGD = {"optimizer": {"kind": "sgd", "lr": 0.05}}

CROSS_ENTROPY = "return F.cross_entropy(outputs, targets)"
LOG_OF_OWN = "return -(outputs[torch.arange(len(targets)), targets].clamp(1e-7, 1)).log().mean()"
FOCAL = "each = F.cross_entropy(outputs, targets, reduction='none')\nreturn ((1 - (-each).exp()) ** 2 * each).mean()"
SQUARES = "return ((outputs - targets) ** 2).mean()"
ONE_HOT = "return F.mse_loss(outputs, F.one_hot(targets, 10).float())"

FAULTY = {
    "softmax before cross-entropy": ("M202", DIGITS, module(SOFTMAX)),
    "sigmoid before cross-entropy": ("M202", DIGITS, module(SIGMOID)),
    "softmax before an own loss that takes it again": ("M202", DIGITS | OWN_LOSS, module(SOFTMAX, loss=FOCAL)),
    "sigmoid before bce-with-logits": ("M202", YES_OR_NO, module(SIGMOID)),
    "a sum under plain descent": (
        "M206",
        DIGITS | OWN_LOSS | SGD,
        module(loss="return F.cross_entropy(outputs, targets, reduction='sum')"),
    ),
    "[N] against [N, 1]": ("M207", NUMBERS | OWN_LOSS, module(SQUEEZED, loss=SQUARES)),
    "raw outputs into nll": ("M208", DIGITS | {"loss": "nll"}, module()),
    "probabilities into nll": ("M208", DIGITS | {"loss": "nll"}, module(SOFTMAX)),
    "raw outputs into bce": ("M208", YES_OR_NO | {"loss": "bce"}, module()),
    "raw outputs into an own logarithm": ("M208", DIGITS | OWN_LOSS, module(loss=LOG_OF_OWN)),
    "each its own sigmoid into a logarithm": ("M208", DIGITS | OWN_LOSS, module(SIGMOID, loss=LOG_OF_OWN)),
    "the wrong sign, classes": (
        "M212",
        DIGITS | OWN_LOSS,
        module(loss="return -F.cross_entropy(outputs, targets)"),
    ),
    "the wrong sign, numbers": ("M212", NUMBERS | OWN_LOSS, module(loss="return -F.mse_loss(outputs, targets)")),
    "a loss without gradient": (
        "M213",
        DIGITS | OWN_LOSS,
        module(loss="return 1 - (outputs.argmax(1) == targets).float().mean()"),
    ),
    "rounded outputs": ("M213", DIGITS | OWN_LOSS, module(loss="return F.cross_entropy(outputs.round(), targets)")),
    "a network without gradient": ("M213", DIGITS, module(FORWARD + ".detach()")),
    "softmax over the batch in the loss": (
        "M217",
        DIGITS | OWN_LOSS,
        module(loss="return F.nll_loss(outputs.log_softmax(0), targets)"),
    ),
    "one value for each example": (
        "M220",
        DIGITS | OWN_LOSS,
        module(loss="return F.cross_entropy(outputs, targets, reduction='none')"),
    ),
}
HEALTHY = {
    "own cross-entropy": (DIGITS | OWN_LOSS, module(loss=CROSS_ENTROPY)),
    "smoothed labels": (
        DIGITS | OWN_LOSS,
        module(loss="return F.cross_entropy(outputs, targets, label_smoothing=0.1)"),
    ),
    "focal loss": (DIGITS | OWN_LOSS, module(loss=FOCAL)),
    "hinge": (DIGITS | OWN_LOSS, module(loss="return F.multi_margin_loss(outputs, targets)")),
    "softmax and squares": (DIGITS | OWN_LOSS, module(SOFTMAX, loss=ONE_HOT)),
    "softmax and its logarithm": (DIGITS | OWN_LOSS, module(SOFTMAX, loss=LOG_OF_OWN)),
    "log-softmax and nll": (DIGITS | {"loss": "nll"}, module(LOG_SOFTMAX)),
    "sigmoid and bce": (YES_OR_NO | {"loss": "bce"}, module(SIGMOID)),
    "hinge on signs": (
        YES_OR_NO | OWN_LOSS,
        module(loss="return F.relu(1 - (2 * targets - 1) * outputs).mean()"),
    ),
    "overlap": (
        YES_OR_NO | OWN_LOSS,
        module(SIGMOID, loss="return 1 - 2 * (outputs * targets).sum() / (outputs.sum() + targets.sum())"),
    ),
    "squares": (NUMBERS | OWN_LOSS, module(loss=SQUARES)),
    "squares of one shape": (
        NUMBERS | OWN_LOSS,
        module(SQUEEZED, loss="return ((outputs - targets.view_as(outputs)) ** 2).mean()"),
    ),
    "quantiles": (
        NUMBERS | OWN_LOSS,
        module(loss="off = targets - outputs\nreturn torch.maximum(0.9 * off, -0.1 * off).mean()"),
    ),
    "a mean and a variance": (
        NUMBERS | OWN_LOSS,
        module(
            layers="self.first = nn.Linear(size, 32); self.last = nn.Linear(32, 2)",
            loss="mean, log = outputs.chunk(2, 1)\nreturn (log + (targets - mean) ** 2 * (-log).exp()).mean()",
        ),
    ),
    "a sum under adam": (
        DIGITS | OWN_LOSS,
        module(loss="return F.cross_entropy(outputs, targets, reduction='sum')"),
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
def test_a_healthy_loss_is_no_finding(program, seed, tmp_path):
    config, source = HEALTHY[program]
    assert programs.told(programs.check(tmp_path, config, source, seed=seed)) == []
