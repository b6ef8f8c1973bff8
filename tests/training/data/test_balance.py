"""Classes of unequal size: rows left out, repeated or weighed, in the training split alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch.nn import functional

from logbook.errors import DataError
from logbook.training.data.balance import balanced_places, class_weights
from logbook.training.losses import build_loss
from logbook_schemas.config.balance import Oversample, Undersample

COUNTS = st.lists(st.integers(1, 40), min_size=2, max_size=5)
RATIOS = st.sampled_from([1.0, 1.5, 3.0])


@settings(max_examples=50, deadline=None)
@given(counts=COUNTS, ratio=RATIOS, seed=st.integers(0, 99))
def test_undersampling_leaves_out_rows_of_the_larger_classes_alone(counts, ratio, seed):
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    chosen = balanced_places(Undersample(ratio=ratio, seed=seed), classes)
    most = int(min(counts) * ratio)
    assert np.bincount(classes[chosen]).tolist() == [min(count, most) for count in counts]
    assert len(set(chosen)) == len(chosen)
    assert (np.diff(chosen) > 0).all()


@settings(max_examples=50, deadline=None)
@given(counts=COUNTS, ratio=RATIOS, seed=st.integers(0, 99))
def test_oversampling_takes_each_row_about_as_often(counts, ratio, seed):
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    chosen = balanced_places(Oversample(ratio=ratio, seed=seed), classes)
    least = int(np.ceil(max(counts) / ratio))
    assert np.bincount(classes[chosen]).tolist() == [max(count, least) for count in counts]
    times = np.bincount(chosen, minlength=len(classes))
    for index in range(len(counts)):
        of_class = times[classes == index]
        assert of_class.min() >= 1
        assert of_class.max() - of_class.min() <= 1


def test_a_draw_has_its_seed():
    classes = np.repeat([0, 1], [50, 5])
    one, again, other = (balanced_places(Undersample(seed=seed), classes).tolist() for seed in (1, 1, 2))
    assert one == again != other


def test_weights_make_every_class_count_alike():
    classes = np.repeat([0, 2, 3], [60, 30, 10])
    weights = class_weights(classes, 4)
    np.testing.assert_allclose(weights, [100 / 180, 1.0, 100 / 90, 100 / 30], rtol=1e-6)
    assert weights[classes].mean() == pytest.approx(1.0)
    sums = np.bincount(classes, weights[classes])
    np.testing.assert_allclose(sums[[0, 2, 3]], 100 / 3, rtol=1e-5)


@pytest.fixture
def unequal(person):
    return lambda: person(
        "def data():\n    x = np.random.default_rng(0).normal(size=(200, 2))\n"
        "    return {'train': (x, (np.arange(200) % 10 == 0) * 1), 'validation': (x[:40] + 1, np.arange(40) % 2)}\n"
    )


@pytest.mark.parametrize(
    ("balance", "train"),
    [
        ("undersample", (20, 20)),
        ("oversample", (180, 180)),
        ({"kind": "undersample", "ratio": 2.0}, (40, 20)),
        ("class-weights", (180, 20)),
    ],
)
def test_the_training_split_alone_is_evened_out(probe, unequal, balance, train):
    record = probe(unequal(), task="binary", balance=balance)
    assert record.splits["train"].class_counts == train
    assert record.splits["train"].rows == sum(train)
    assert record.splits["validation"].class_counts == (20, 20)


def test_repeated_rows_keep_their_numbers_and_targets(load, unequal):
    loaded = load(unequal(), task="binary", balance="oversample")
    assert (np.diff(loaded.train.rows) >= 0).all()
    assert ((loaded.train.rows % 10 == 0) == loaded.train.targets[:, 0].numpy().astype(bool)).all()
    plain = load(unequal(), task="binary")
    assert torch.equal(loaded.train.inputs, plain.train.inputs[torch.from_numpy(loaded.train.rows)])


def test_the_baseline_knows_how_often_classes_really_come(probe, unequal):
    plain, under, over = (
        probe(unequal(), task="binary", balance=kind) for kind in ("none", "undersample", "oversample")
    )
    assert plain.baseline == under.baseline == over.baseline


@pytest.mark.parametrize(
    "loss", ["cross-entropy", "bce-with-logits", {"kind": "cross-entropy", "label_smoothing": 0.1}]
)
def test_the_baseline_is_the_best_constant_of_the_weighted_loss(config, load, probe, unequal, loss):
    source = unequal()
    options = {"task": "binary", "balance": "class-weights", "loss": loss}
    found = probe(source, **options).baseline["val_loss"]
    loaded, settings = load(source, **options), config(source, **options)
    function = build_loss(settings, None, class_weights=loaded.class_weights)
    constant = torch.zeros(loaded.output_size, requires_grad=True)
    optimizer = torch.optim.LBFGS([constant], max_iter=50)

    def loss_of(split):
        return function(constant.expand(len(split), -1), split.targets)

    def step():
        optimizer.zero_grad()
        value = loss_of(loaded.train)
        value.backward()
        return value

    optimizer.step(step)
    assert found == pytest.approx(float(loss_of(loaded.validation).detach()), rel=1e-4)


def test_weighted_losses_are_the_weighted_means_of_the_examples(config, unequal):
    weights, indices = torch.tensor([0.5, 4.0]), torch.tensor([0, 0, 1, 0])
    each = weights[indices]
    logits = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    single = logits[:, :1]
    naive = {
        "cross-entropy": functional.cross_entropy(logits, indices, reduction="none"),
        "nll": functional.nll_loss(logits, indices, reduction="none"),
        "bce-with-logits": functional.softplus(single[:, 0]) - single[:, 0] * indices,
        "bce": -torch.where(indices == 1, single.sigmoid()[:, 0].log(), (1 - single.sigmoid()[:, 0]).log()),
    }
    for kind, values in naive.items():
        section = config(unequal(), task="binary", balance="class-weights", loss=kind)
        as_indices = kind in ("cross-entropy", "nll")
        outputs = logits if as_indices else single.sigmoid() if kind == "bce" else single
        targets = indices if as_indices else indices[:, None].float()
        found = build_loss(section, None, class_weights=weights)(outputs, targets)
        assert float(found) == pytest.approx(float((each * values).sum() / each.sum()), rel=1e-5), kind


def test_datasets_are_evened_out_by_the_targets_they_carry(load, person):
    code = "class D(torch.utils.data.Dataset):\n    KEEPS\n    def __len__(self): return 40\n"
    code += "    def __getitem__(self, i):\n        if i >= 40: raise IndexError(i)\n"
    code += "        return torch.tensor([float(i)]), int(i % 8 == 0)\n\n"
    code += "def data():\n    return {'train': D(), 'validation': D()}\n"
    keeps = "targets = (np.arange(40) % 8 == 0) * 1"
    for balance, rows in (("undersample", 10), ("oversample", 70)):
        loaded = load(person(code.replace("KEEPS", keeps)), task="binary", balance=balance)
        assert len(loaded.train) == len(loaded.train.dataset) == rows
        assert sum(float(y) for _, y in (loaded.train.dataset[i] for i in range(rows))) == rows / 2
    weighed = load(person(code.replace("KEEPS", keeps)), task="binary", balance="class-weights")
    np.testing.assert_allclose(weighed.class_weights, [40 / 70, 4.0], rtol=1e-6)
    with pytest.raises(DataError, match=r"data\.balance is 'oversample', which needs the class of every example"):
        load(person(code.replace("KEEPS", "pass")), task="binary", balance="oversample")


@pytest.mark.parametrize(
    ("source", "rest", "expected"),
    [
        ("diabetes", {"balance": "undersample"}, "data.balance is 'undersample', which evens out classes"),
        ("iris", {"balance": "class-weights", "loss": "mse"}, "loss.kind 'mse' can't take under task 'classification'"),
        ("iris", {"balance": "class-weights", "loss": "bce-with-logits"}, "it goes with cross-entropy, nll"),
        ("iris", {"balance": {"kind": "oversample", "ratio": 0.5}}, "greater than or equal to 1"),
    ],
)
def test_balance_that_cannot_be_is_refused_by_the_config(config, source, rest, expected):
    with pytest.raises(ValidationError) as caught:
        config({"kind": "sklearn", "dataset": source}, **rest)
    assert expected in str(caught.value)
