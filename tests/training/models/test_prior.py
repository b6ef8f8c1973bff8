"""The output bias that begins at the prior: the untrained network says the best constant, whatever loss and end."""

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError
from logbook.training.trainer import prepare, start_record
from tests.training.trainings import job_of, own_module

ZEROS = {"kind": "mlp", "hidden": [4], "init": "zeros", "output_bias": "prior"}
RARE = np.array([0] * 45 + [1] * 12 + [2] * 3)


def prepared(tmp_path, targets, **changes):
    """Return a training on rows whose targets are these, without splits to shuffle them apart."""
    np.savez(tmp_path / "rows.npz", x=np.random.default_rng(0).normal(size=(len(targets), 5)), y=targets)
    source = {"kind": "npz", "path": "rows.npz", "inputs": "x", "targets": "y"}
    data = {"source": source, "split": {"validation": 0.0}, **changes.pop("data", {})}
    return prepare(job_of(tmp_path, {"data": data, "task": "classification", "model": ZEROS, **changes}))


def constant_of(training):
    training.parts.model.eval()
    outputs = training.parts.model(torch.randn(2, 5))
    assert torch.equal(outputs[0], outputs[1])
    return outputs[0].detach()


def of_network(**options):
    return {**ZEROS, **options}


@pytest.mark.parametrize(("loss", "last"), [("cross-entropy", "none"), ("nll", "log-softmax")])
def test_classes_begin_at_their_frequencies(tmp_path, loss, last):
    training = prepared(tmp_path, RARE, loss=loss, model=of_network(output_activation=last))
    assert constant_of(training).softmax(0).tolist() == pytest.approx([0.75, 0.2, 0.05], rel=1e-5)
    entropy = -sum(share * np.log(share) for share in (0.75, 0.2, 0.05))
    assert start_record(training).initial_loss == pytest.approx(entropy, rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "options"),
    [("bce-with-logits", {}), ("bce", {"output_activation": "sigmoid"}), ("bce-with-logits", {"output_scale": 4.0})],
)
def test_yes_or_no_begins_at_its_odds(tmp_path, loss, options):
    training = prepared(tmp_path, (RARE == 1).astype(int), task="binary", loss=loss, model=of_network(**options))
    said = constant_of(training)
    assert (said if loss == "bce" else said.sigmoid()).item() == pytest.approx(0.2, rel=1e-5)


def test_labels_begin_each_at_its_odds_and_one_that_never_holds_far_below(tmp_path):
    labels = np.stack([RARE == 0, RARE == 1, RARE == 9], axis=1).astype(np.float32)
    said = constant_of(prepared(tmp_path, labels, task="multilabel")).sigmoid().tolist()
    assert said == pytest.approx([0.75, 0.2, 0.5 / 60], rel=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"output_activation": "tanh", "output_scale": 9.0},
        {"output_activation": "sigmoid", "output_scale": 9.0},
        {"output_activation": "softplus"},
        {"output_activation": "relu", "output_scale": 0.5},
    ],
    ids=str,
)
def test_numbers_begin_at_their_mean_as_prepared(tmp_path, options):
    targets = np.linspace(2.0, 9.0, 60)
    training = prepared(tmp_path, targets, task="regression", model=of_network(**options), data={"targets": []})
    assert constant_of(training).item() == pytest.approx(5.5, rel=1e-5)


def test_a_mean_beyond_the_output_activation_is_refused_by_name(tmp_path):
    model = of_network(output_activation="tanh", output_scale=2.0)
    with pytest.raises(ConfigError, match=r"no bias makes output_activation 'tanh' with output_scale 2 .*5\.5"):
        prepared(tmp_path, np.linspace(2.0, 9.0, 60), task="regression", model=model, data={"targets": []})


def test_under_a_loss_of_ones_own_the_prior_is_not_known(tmp_path):
    own_module(tmp_path, "prior_loss", "def build():\n    return lambda outputs, targets: outputs.square().mean()\n")
    with pytest.raises(ConfigError, match=r"model\.output_bias is 'prior', but of loss\.kind 'python'"):
        prepared(tmp_path, RARE, loss={"kind": "python", "target": "prior_loss:build"})


def test_the_prior_of_a_dataset_is_read_from_its_examples(tmp_path):
    own_module(
        tmp_path,
        "prior_data",
        "import torch\n"
        "class Rows(torch.utils.data.Dataset):\n"
        "    classes = ('a', 'b')\n"
        "    def __len__(self): return 40\n"
        "    def __getitem__(self, row): return torch.rand(5), row % 4 == 0\n"
        "def build(): return Rows()\n",
    )
    data = {"source": {"kind": "python", "target": "prior_data:build"}, "split": {"validation": 0.0, "stratify": False}}
    training = prepare(job_of(tmp_path, {"data": data, "task": "classification", "model": ZEROS}))
    assert constant_of(training).softmax(0).tolist() == pytest.approx([0.75, 0.25], rel=1e-5)


def test_other_starts_leave_the_bias_as_the_scheme_has_it(tmp_path):
    assert constant_of(prepared(tmp_path, RARE, model=of_network(output_bias="default"))).tolist() == [0.0, 0.0, 0.0]
