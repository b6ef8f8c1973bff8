"""Half precision, averages of the weights, translated models: they train, and say what they did."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from logbook.errors import ConfigError
from logbook.training.checkpoints import BEST, LAST, load_checkpoint
from logbook.training.state import Training
from logbook.training.trainer import prepare
from tests.training.trainings import job_of, own_module, run

CPU = torch.device("cpu")


def overflowing(folder: Path, *, at: str) -> dict[str, Any]:
    """A network whose gradient overflows float16 at the steps that `at` says, though its loss is finite."""
    own_module(
        folder,
        "overflowing",
        "import torch\nfrom torch import nn\n"
        "class Tall(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x, step):\n"
        "        ctx.step = step\n"
        "        return x.clone()\n"
        "    @staticmethod\n"
        "    def backward(ctx, gradient):\n"
        f"        return (gradient * float('inf') if {at} else gradient), None\n"
        "class Net(nn.Module):\n"
        "    def __init__(self, output_size):\n"
        "        super().__init__()\n"
        "        self.line, self.steps = nn.Linear(2, output_size), 0\n"
        "    def forward(self, x):\n"
        "        self.steps += self.training\n"
        "        return Tall.apply(self.line(x), self.steps)\n",
    )
    training = {"epochs": 3, "batch_size": 4, "precision": "float16"}
    return {"model": {"kind": "python", "target": "overflowing:Net"}, "training": training}


def test_a_step_whose_gradient_overflows_in_float16_is_skipped_and_no_divergence(tmp_path: Path) -> None:
    sink, end = run(tmp_path, overflowing(tmp_path, at="ctx.step in (1, 2, 15)"))
    assert end.status == "finished"
    assert [record.extra["skipped_steps"] for record in sink.epochs] == [2, 1, 0]
    assert all(math.isfinite(record.train_loss or math.nan) for record in sink.epochs)
    assert sink.epochs[-1].train_loss is not None
    assert sink.epochs[0].train_loss is not None
    assert sink.epochs[-1].train_loss < sink.epochs[0].train_loss


def test_gradients_that_never_fit_into_float16_are_a_divergence(tmp_path: Path) -> None:
    changes = overflowing(tmp_path, at="ctx.step > 3")
    changes["training"] |= {"epochs": 50}
    sink, end = run(tmp_path, changes)
    assert end.status == "diverged"
    assert end.nonfinite_what == "gradient"
    # 36 halvings of the scale, in epochs of 12 steps.
    assert end.nonfinite_epoch == 4
    assert len(sink.epochs) == 4


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "rmsprop", "padam", "adagrad"])
def test_a_skipped_step_moves_no_weight_whatever_the_optimizer(tmp_path: Path, kind: str) -> None:
    changes = overflowing(tmp_path, at="True")
    changes["training"] |= {"epochs": 1}
    run(tmp_path, {**changes, "optimizer": kind})
    fresh = Training.fresh(job_of(tmp_path, changes))
    kept = load_checkpoint(tmp_path / "checkpoints" / LAST, device=CPU)["model"]
    for name, value in fresh.parts.model.state_dict().items():
        assert torch.equal(kept[name], value)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize(
    "model",
    [{"kind": "mlp", "hidden": [16], "normalization": "batch"}, {"kind": "cnn", "channels": [8], "hidden": [16]}],
    ids=["mlp", "cnn"],
)
def test_half_precision_learns_like_float32(tmp_path: Path, precision: str, model: dict[str, Any]) -> None:
    data = {"source": {"kind": "sklearn", "dataset": "digits"}, "split": {"validation": 0.8}}
    changes = {"data": data, "model": model, "optimizer": {"kind": "adam", "lr": 0.01}}
    whole, _ = run(tmp_path / "whole", {**changes, "training": {"epochs": 4}})
    half, _ = run(tmp_path / "half", {**changes, "training": {"epochs": 4, "precision": precision}})
    assert half.epochs[-1].val_loss == pytest.approx(whole.epochs[-1].val_loss, rel=0.2)
    assert half.epochs[-1].metrics["accuracy"] > 0.7


AVERAGE = {"weight_average": {"kind": "exponential", "decay": 0.9}}


def test_the_average_of_the_weights_is_what_is_evaluated_and_kept(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "remembering",
        "from torch import nn, optim\n"
        "seen = []\n"
        "class Remembering(optim.SGD):\n"
        "    def step(self, closure=None):\n"
        "        super().step(closure)\n"
        "        seen.append([p.detach().clone() for p in self.param_groups[0]['params']])\n",
    )
    optimizer = {"kind": "python", "target": "remembering:Remembering", "kwargs": {"lr": 0.5}}
    changes = {"optimizer": optimizer, "training": {"epochs": 3, **AVERAGE}}
    sink, end = run(tmp_path, changes)
    first, *rest = sys.modules["remembering"].seen
    expected = first
    for step in rest:
        expected = [0.9 * average + 0.1 * weight for average, weight in zip(expected, step, strict=True)]
    state = load_checkpoint(tmp_path / "checkpoints" / LAST, device=CPU)
    for average, weight in zip(expected, state["model"].values(), strict=True):
        torch.testing.assert_close(average, weight)
    for last, weight in zip(rest[-1], state["trained_model"].values(), strict=True):
        torch.testing.assert_close(last, weight)

    # The losses are those of the averaged weights: the same as of a network that has them.
    training = prepare(job_of(tmp_path, {}))
    training.parts.model.load_state_dict(state["model"])
    validation = training.job.loaded.validation
    assert validation is not None
    with torch.no_grad():
        outputs = training.parts.model.eval()(validation.inputs)
    assert sink.epochs[-1].val_loss == pytest.approx(float(training.parts.loss(outputs, validation.targets)), rel=1e-5)
    assert end.best_epoch is not None
    assert load_checkpoint(tmp_path / "checkpoints" / BEST, device=CPU)["progress"]["epoch"] == end.best_epoch


def test_layers_are_measured_on_the_trained_weights_beside_an_average(tmp_path: Path) -> None:
    sink, _ = run(tmp_path, {"training": {"epochs": 1, **AVERAGE}})
    plain, _ = run(tmp_path / "plain", {"training": {"epochs": 1}})
    assert sink.epochs[0].layers == plain.epochs[0].layers
    assert sink.epochs[0].train_loss == plain.epochs[0].train_loss
    assert sink.epochs[0].train_loss_eval != plain.epochs[0].train_loss_eval


def test_an_averaged_training_is_the_same_with_probes_on_and_off(tmp_path: Path) -> None:
    model = {"kind": "mlp", "hidden": [8], "dropout": 0.3, "normalization": "batch"}
    changes = {"model": model, "training": {"epochs": 3, **AVERAGE, "precision": "float16"}}
    on, one = run(tmp_path / "on", changes)
    off, other = run(tmp_path / "off", {**changes, "diagnostics": {"every": 0}})
    assert one.weights_hash == other.weights_hash
    assert on.losses == off.losses


def test_a_model_that_can_not_be_copied_has_no_average(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "locked",
        "import threading\nfrom torch import nn\n"
        "def net(output_size):\n"
        "    line = nn.Linear(2, output_size)\n"
        "    line.lock = threading.Lock()\n"
        "    return line\n",
    )
    with pytest.raises(ConfigError, match=r"training\.weight_average needs a copy of the model, and Linear can't"):
        run(tmp_path, {"model": {"kind": "python", "target": "locked:net"}, "training": AVERAGE})


def test_a_translated_model_trains_like_the_model_itself(tmp_path: Path) -> None:
    # aot_eager needs no C++ compiler; inductor, which does, takes a minute for its first step.
    changes = {"model": {"kind": "mlp", "hidden": [8], "dropout": 0.3, "normalization": "batch"}}
    plain, end = run(tmp_path / "plain", changes)
    translated, again = run(tmp_path / "translated", {**changes, "training": {"compile": {"backend": "aot_eager"}}})
    for one, other in zip(plain.epochs, translated.epochs, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, rel=1e-4)
        assert other.val_loss == pytest.approx(one.val_loss, rel=1e-4)
        assert [layer.name for layer in other.layers] == [layer.name for layer in one.layers]
        assert all(layer.activation_std is not None for layer in other.layers)
    assert again.best_epoch == end.best_epoch
    assert set(load_checkpoint(tmp_path / "translated" / "checkpoints" / LAST, device=CPU)["model"]) == set(
        load_checkpoint(tmp_path / "plain" / "checkpoints" / LAST, device=CPU)["model"]
    )


def test_a_translated_model_that_explodes_is_found_at_its_layer(tmp_path: Path) -> None:
    changes = {"optimizer": {"kind": "sgd", "lr": 1e30}, "training": {"compile": {"backend": "eager"}}}
    _, end = run(tmp_path, changes)
    assert end.status == "diverged"
    assert end.nonfinite_layer is not None


def test_no_compiler_is_said_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(ConfigError, match=r"training\.compile with backend 'inductor' needs a C\+\+ compiler"):
        prepare(job_of(tmp_path, {"training": {"compile": True}}))
