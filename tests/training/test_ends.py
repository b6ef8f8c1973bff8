"""How trainings end that don't go well: lost weights, a stop in the middle, states that no checkpoint can hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from logbook.errors import ConfigError, UserCodeError
from tests.training.trainings import Sink, own_module, run

NET = (
    "import torch\nfrom torch import nn\n\n"
    "class Net(nn.Module):\n"
    "    def __init__(self, features, classes):\n"
    "        super().__init__()\n"
    "        self.first, self.last = nn.Linear(features, 8), nn.Linear(8, classes)\n"
    "    def forward(self, x):\n"
    "        return self.last(self.between(self.first(x)))\n"
)


def own_net(folder: Path, name: str, body: str, make: str = "") -> dict[str, Any]:
    """Write a module with a network whose method `between` is the body; return the config's model section."""
    make = make or "def make(input_shape, output_size):\n    return Net(input_shape[0], output_size)\n"
    own_module(folder, name, f"{NET}{body}\n{make}")
    return {"kind": "python", "target": f"{name}:make"}


class StoppedAt(Sink):
    """Asks for a stop once a module of the person's own says so in its list `marks`."""

    def __init__(self, module: str, mark: str) -> None:
        super().__init__()
        self._module, self._mark = module, mark

    def should_stop(self) -> bool:
        return self._mark in getattr(sys.modules.get(self._module), "marks", ())

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return self.should_stop()


def test_weights_that_are_lost_in_the_last_step_end_the_run_as_diverged(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "losing",
        "import torch\n\n"
        "class Losing(torch.optim.SGD):\n"
        "    steps = 0\n"
        "    def step(self, closure=None):\n"
        "        super().step(closure)\n"
        "        self.steps += 1\n"
        "        if self.steps == 6:\n"
        "            self.param_groups[0]['params'][-1].data.fill_(float('nan'))\n\n"
        "def make(parameters):\n"
        "    return Losing(parameters, 0.1)\n",
    )
    sink, end = run(tmp_path, {"optimizer": {"kind": "python", "target": "losing:make"}})
    assert sink.losses[1][1] is not None, "3 steps an epoch: the loss of all 6 is finite"
    assert (end.status, end.nonfinite_what, end.nonfinite_step, end.nonfinite_epoch) == ("diverged", "weights", 6, 2)
    assert end.nonfinite_value == "nan"
    # The replay begins at the checkpoint of epoch 1, where this optimizer counts anew.
    assert end.nonfinite_layer is None or end.nonfinite_layer.startswith("output")


def test_the_step_at_which_an_unused_weight_was_lost_is_found(tmp_path: Path) -> None:
    body = (
        "    def between(self, x):\n"
        "        return x\n\n"
        "class Losing(torch.optim.SGD):\n"
        "    steps = 0\n"
        "    def step(self, closure=None):\n"
        "        super().step(closure)\n"
        "        self.steps += 1\n"
        "        if self.steps == 2:\n"
        "            self.param_groups[0]['params'][-1].data.fill_(float('inf'))\n\n"
        "def optimizer(parameters):\n"
        "    return Losing(parameters, 0.1)\n\n"
    )
    make = (
        "def make(input_shape, output_size):\n"
        "    net = Net(input_shape[0], output_size)\n"
        "    net.spare = nn.Linear(1, 1)\n"
        "    return net\n"
    )
    model = own_net(tmp_path, "spare_net", body, make)
    _, end = run(tmp_path, {"model": model, "optimizer": {"kind": "python", "target": "spare_net:optimizer"}})
    assert (end.status, end.nonfinite_what, end.nonfinite_step) == ("diverged", "weights", 2)
    assert end.nonfinite_layer == "spare.bias (weight)"


def test_a_weight_that_is_infinite_on_purpose_is_no_divergence(tmp_path: Path) -> None:
    body = "    def between(self, x):\n        return x + torch.exp(self.mask)\n\n"
    make = (
        "def make(input_shape, output_size):\n"
        "    net = Net(input_shape[0], output_size)\n"
        "    net.mask = nn.Parameter(torch.full((8,), -float('inf')))\n"
        "    return net\n"
    )
    _, end = run(tmp_path, {"model": own_net(tmp_path, "masked_net", body, make), "optimizer": {"kind": "sgd"}})
    assert end.status == "finished"


def test_a_validation_loss_that_is_not_finite_is_said_with_its_epoch(tmp_path: Path) -> None:
    body = (
        "    evaluations = 0\n"
        "    def between(self, x):\n"
        "        if self.training:\n"
        "            return x\n"
        "        self.evaluations += 1\n"
        "        return x / 0 if len(x) == 12 and epochs.append(0) is None and len(epochs) > 1 else x\n\n"
        "epochs = []\n"
    )
    changes = {"model": own_net(tmp_path, "broken_in_evaluation", body), "training": {"epochs": 4, "batch_size": 16}}
    sink, end = run(tmp_path, changes)
    last = sink.epochs[-1]
    assert last.val_loss is not None
    assert last.val_loss != last.val_loss
    assert last.train_loss is not None
    assert (end.status, end.nonfinite_what, end.nonfinite_step) == ("diverged", "validation loss", None)
    assert end.nonfinite_epoch == last.epoch


def test_a_stop_in_an_evaluation_leaves_the_epoch_unrecorded_and_resumes_to_the_same(tmp_path: Path) -> None:
    body = (
        "    def between(self, x):\n"
        "        if not self.training and len(x) == 1024:\n"
        "            marks.append('evaluating')\n"
        "        return x\n\n"
        "marks = []\n"
    )
    pattern = {"kind": "synthetic", "pattern": "blobs", "rows": 4000}
    data = {"source": pattern, "split": {"validation": 0.6, "test": 0.2}}
    changes = {"model": own_net(tmp_path, "long_evaluation", body), "data": data, "training": {"batch_size": 400}}
    sink, end = run(tmp_path, changes, sink=StoppedAt("long_evaluation", "evaluating"))
    assert end.status == "interrupted"
    assert sink.epochs == []
    assert sys.modules["long_evaluation"].marks == ["evaluating"], "one batch, and no more"
    sys.modules["long_evaluation"].marks.clear()
    resumed, end = run(tmp_path, changes, resume=True)
    whole, other = run(tmp_path / "whole", {**changes, "model": own_net(tmp_path / "whole", "long_other", body)})
    assert (end.status, end.weights_hash) == ("finished", other.weights_hash)
    assert resumed.losses == whole.losses


def test_a_stop_while_the_test_split_is_measured_is_made_good_by_resuming(tmp_path: Path) -> None:
    body = (
        "    def between(self, x):\n"
        "        if not self.training and len(x) == 30:\n"
        "            marks.append('testing')\n"
        "        return x\n\n"
        "marks = []\n"
    )
    split = {"validation": 0.2, "test": 0.3}
    data = {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 100}, "split": split}
    changes = {"model": own_net(tmp_path, "long_test", body), "data": data}
    sink, end = run(tmp_path, changes, sink=StoppedAt("long_test", "testing"))
    assert (end.status, len(sink.epochs), end.test_loss) == ("interrupted", 2, None)
    sys.modules["long_test"].marks.clear()
    _, end = run(tmp_path, changes, resume=True)
    assert end.status == "finished"
    assert end.test_loss is not None


def test_a_stop_during_the_replay_after_a_divergence_is_obeyed(tmp_path: Path) -> None:
    body = (
        "    steps = 0\n"
        "    def between(self, x):\n"
        "        if self.training and torch.is_grad_enabled():\n"
        "            self.steps += 1\n"
        "            marks.append(f'step {len(marks)}')\n"
        "        return x / 0 if self.steps == 3 else x\n\n"
        "marks = []\n"
    )
    changes = {"model": own_net(tmp_path, "diverging_net", body)}
    sink, end = run(tmp_path, changes, sink=StoppedAt("diverging_net", "step 3"))
    assert len(sys.modules["diverging_net"].marks) == 4, "three steps, then one of the replay"
    assert (end.status, end.nonfinite_step, end.nonfinite_layer) == ("interrupted", 3, None)
    assert sink.epochs == []


OPTIMIZER = (
    "import collections, pathlib\nimport numpy as np\nimport torch\n\n"
    "class Noting(torch.optim.SGD):\n"
    "    def step(self, closure=None):\n"
    "        super().step(closure)\n"
    "        state = self.state[self.param_groups[0]['params'][0]]\n"
    "        {body}\n\n"
    "def make(parameters):\n"
    "    return Noting(parameters, 0.1, momentum=0.9)\n"
)


def noting(folder: Path, name: str, body: str) -> dict[str, Any]:
    own_module(folder, name, OPTIMIZER.replace("{body}", body))
    return {"kind": "python", "target": f"{name}:make"}


def test_an_optimizer_that_keeps_deques_and_numpy_numbers_is_resumed_exactly(tmp_path: Path) -> None:
    body = (
        "seen = state.setdefault('seen', collections.deque(maxlen=2)); seen.append(np.float32(len(seen)))\n"
        "        state['sum'] = state.get('sum', np.zeros(3)) + np.arange(3.0)\n"
        "        state['kinds'] = frozenset(['a']), torch.float32\n"
        "        self.param_groups[0]['params'][0].data.add_(float(sum(seen)) * 1e-3 * float(state['sum'][1]))"
    )
    whole, uninterrupted = run(
        tmp_path / "whole", {"optimizer": noting(tmp_path / "whole", "noting_whole", body), "training": {"epochs": 4}}
    )
    changes = {"optimizer": noting(tmp_path / "parts", "noting_parts", body), "training": {"epochs": 4}}

    class TwoEpochs(Sink):
        def should_stop(self) -> bool:
            return len(self.epochs) == 2

    first, stopped = run(tmp_path / "parts", changes, sink=TwoEpochs())
    assert (stopped.status, stopped.skipped) == ("interrupted", {})
    second, end = run(tmp_path / "parts", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert end.weights_hash == uninterrupted.weights_hash


def test_a_state_that_no_checkpoint_can_hold_is_said_once_and_stored(tmp_path: Path) -> None:
    optimizer = noting(tmp_path, "unkeepable", "state['path'] = pathlib.PurePosixPath('x')")
    sink, end = run(tmp_path, {"optimizer": optimizer, "training": {"epochs": 3}})
    assert end.status == "finished"
    told = "the optimizer's state holds a pathlib.PurePosixPath, which a checkpoint can't keep"
    assert [told in message for message in sink.messages] == [True]
    assert end.skipped["checkpoint"] == f"none of 3 epochs from 1 to 3: {told}"
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_checkpoint_that_cannot_be_written_is_in_the_end_record(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    sink, end = run(tmp_path, {})
    assert end.status == "finished"
    assert sum("NO CHECKPOINT" in message for message in sink.messages) == 2
    assert "none of 2 epochs from 1 to 2" in end.skipped["checkpoint"]


def test_a_module_that_cannot_be_measured_is_in_the_end_record(tmp_path: Path) -> None:
    body = (
        "    def between(self, x):\n"
        "        return self.odd(x)\n\n"
        "class Odd(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.hidden = nn.Parameter(torch.ones(8))\n"
        "    @property\n"
        "    def weight(self):\n"
        "        raise RuntimeError('not to be looked at')\n"
        "    def forward(self, x):\n"
        "        return x * self.hidden\n\n"
    )
    make = (
        "def make(input_shape, output_size):\n"
        "    net = Net(input_shape[0], output_size)\n"
        "    net.odd = Odd()\n"
        "    return net\n"
    )
    _, end = run(tmp_path, {"model": own_net(tmp_path, "odd_net", body, make)})
    assert end.status == "finished"
    assert end.skipped["layer odd"] == "not to be looked at"


def test_memory_that_ran_out_is_told_with_what_helps(tmp_path: Path) -> None:
    body = (
        "    def between(self, x):\n        raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate')\n\n"
    )
    with pytest.raises(UserCodeError, match=r"out of memory.*; a smaller training.batch_size or model needs less"):
        run(tmp_path, {"model": own_net(tmp_path, "hungry_net", body)})


# -- what no epoch is the best of ---------------------------------------------------------------------------------


def test_a_monitored_metric_that_is_never_a_number_is_said_at_the_end(tmp_path: Path) -> None:
    own_module(tmp_path, "never", "def make():\n    return lambda outputs, targets: float('nan')\n")
    metric = {"kind": "python", "target": "never:make"}
    split = {"validation": 0.2, "test": 0.2}
    data = {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 60}, "split": split}
    _, end = run(tmp_path, {"metrics": [metric], "monitor": {"metric": "make", "mode": "max"}, "data": data})
    assert end.best_epoch is None
    assert end.skipped["best"] == "make was not a number in any epoch"
    assert end.test_loss is not None
    assert "last weights" in end.skipped["final measures"]


def test_a_monitored_metric_that_is_never_measured_is_said_at_the_start_and_at_the_end(tmp_path: Path) -> None:
    own_module(tmp_path, "no_validation", "import numpy as np\ndef rows(): return np.eye(20), np.arange(20) % 2\n")
    source = {"kind": "python", "target": "no_validation:rows"}
    data = {"source": source, "split": {"validation": 0.0}}
    sink, end = run(tmp_path, {"task": "classification", "data": data, "monitor": {"metric": "val_loss"}})
    assert "val_loss is never measured" in sink.messages[0]
    assert "val_loss is never measured" in end.skipped["best"]


# -- what is refused before it trains -----------------------------------------------------------------------------


def test_noise_on_whole_numbers_is_refused_with_its_field(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "tokens",
        "import torch\nfrom torch import nn\n"
        "def rows(): return torch.arange(40).reshape(20, 2) % 5, torch.arange(20) % 2\n"
        "def make(): return nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(6, 2))\n",
    )
    data = {"source": {"kind": "python", "target": "tokens:rows"}, "augment": ["noise"]}
    changes = {"task": "classification", "data": data, "model": {"kind": "python", "target": "tokens:make"}}
    with pytest.raises(ConfigError, match=r"data.augment\[0\] is 'noise', but the inputs are whole numbers \(int64\)"):
        run(tmp_path, changes)


@pytest.mark.parametrize(("batch_size", "is_refused"), [(1, True), (2, False), (47, False)])
def test_batches_of_one_row_are_refused_under_batch_normalization(
    tmp_path: Path, batch_size: int, is_refused: bool
) -> None:
    changes: dict[str, Any] = {
        "model": {"kind": "mlp", "hidden": [8], "normalization": "batch"},
        "training": {"batch_size": batch_size, "epochs": 1},
    }
    if is_refused:
        with pytest.raises(ConfigError, match=r"model.normalization is 'batch'.*training.batch_size is 1"):
            run(tmp_path, changes)
    else:
        assert run(tmp_path, changes)[1].status == "finished"


# -- lazy layers --------------------------------------------------------------------------------------------------

LAZY = (
    "import torch\nfrom torch import nn\n\n"
    "def make(output_size, used=True):\n"
    "    net = nn.Sequential(nn.LazyLinear(8), nn.LazyBatchNorm1d(), nn.ReLU(), nn.Dropout(0.5))\n"
    "    net.append(nn.LazyLinear(output_size))\n"
    "    return net\n\n"
    "def plain(output_size):\n"
    "    net = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))\n"
    "    net.append(nn.Linear(8, output_size))\n"
    "    return net\n\n"
    "def unused():\n"
    "    net = nn.Sequential(nn.Linear(2, 3))\n"
    "    net.register_module('spare', nn.LazyLinear(2))\n"
    "    net.forward = lambda x: net[0](x)\n"
    "    return net\n\n"
    "def wrong():\n"
    "    return nn.Sequential(nn.LazyLinear(8), nn.Linear(7, 3))\n"
)


def lazy(folder: Path, name: str, target: str) -> dict[str, Any]:
    own_module(folder, name, LAZY)
    return {"model": {"kind": "python", "target": f"{name}:{target}"}}


def test_lazy_layers_train_as_those_whose_shapes_are_written_out(tmp_path: Path) -> None:
    one, end = run(tmp_path / "lazy", lazy(tmp_path / "lazy", "lazy_net", "make"))
    other, expected = run(tmp_path / "plain", lazy(tmp_path / "plain", "plain_net", "plain"))
    assert one.losses == other.losses
    assert end.weights_hash == expected.weights_hash
    assert one.starts[0].parameters == 2 * 8 + 8 + 16 + 8 * 3 + 3


def test_a_lazy_layer_that_is_not_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"spare.weight is of a lazy layer that the model's forward pass doesn't use"):
        run(tmp_path, lazy(tmp_path, "unused_net", "unused"))


def test_a_lazy_model_whose_forward_pass_fails_is_the_persons_error(tmp_path: Path) -> None:
    with pytest.raises(UserCodeError, match=r"first forward pass, which makes the weights of its lazy layers, raised"):
        run(tmp_path, lazy(tmp_path, "wrong_net", "wrong"))


def test_weights_that_are_huge_and_finite_are_not_lost(tmp_path: Path) -> None:
    body = "    def between(self, x):\n        return x + 0 * self.huge.clamp(max=1)\n\n"
    make = (
        "def make(input_shape, output_size):\n"
        "    net = Net(input_shape[0], output_size)\n"
        "    net.huge = nn.Parameter(torch.full((8,), 1e30))\n"
        "    return net\n"
    )
    _, end = run(tmp_path, {"model": own_net(tmp_path, "huge_net", body, make), "optimizer": {"kind": "sgd"}})
    assert end.status == "finished"
