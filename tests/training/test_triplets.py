"""Triplet losses against naive loops, the batches they are made of, and embeddings that separate classes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from logbook.errors import ConfigError, DataError, UserCodeError
from logbook.training.data import load_data
from logbook.training.data.class_batches import class_batches
from logbook.training.data.probe import probe_data
from logbook.training.metrics import build_metrics
from logbook.training.triplets import TripletLoss, measure_embedding, nearest_neighbours, pair_distances
from logbook_schemas.config.metric_learning import Triplet
from logbook_schemas.config.run import RunConfig
from tests.training.trainings import Sink, run

DISTANCES = ["euclidean", "squared", "cosine"]
SEEDS = range(4)


def a_batch(seed: int, rows: int = 14, classes: int = 4) -> tuple[Tensor, Tensor]:
    """Return a batch in which one class has one example."""
    torch.manual_seed(seed)
    labels = torch.cat([torch.tensor([9]), torch.randint(0, classes, (rows - 1,))])
    return torch.randn(rows, 3, dtype=torch.float32), labels


def apart(left: Tensor, right: Tensor, distance: str) -> float:
    if distance == "cosine":
        return float(1 - torch.dot(left, right) / (left.norm() * right.norm()))
    squared = sum((float(a) - float(b)) ** 2 for a, b in zip(left, right, strict=True))
    return squared if distance == "squared" else math.sqrt(squared)


def cost(section: Triplet, near: float, far: float) -> float:
    return math.log1p(math.exp(near - far)) if section.soft_margin else max(0.0, near - far + section.margin)


def naive(section: Triplet, outputs: Tensor, labels: Tensor) -> float:
    """Return the loss by loops over anchors, positives and negatives."""
    rows = range(len(labels))
    table = [[apart(outputs[a], outputs[b], section.distance) for b in rows] for a in rows]
    costs = []
    for anchor in rows:
        positives = [p for p in rows if p != anchor and labels[p] == labels[anchor]]
        negatives = [n for n in rows if labels[n] != labels[anchor]]
        if not positives or not negatives:
            continue
        if section.mining == "batch-hard":
            near, far = max(table[anchor][p] for p in positives), min(table[anchor][n] for n in negatives)
            costs.append(cost(section, near, far))
            continue
        for positive in positives:
            near = table[anchor][positive]
            fars = [table[anchor][n] for n in negatives]
            if section.mining == "semi-hard":
                further = [far for far in fars if far > near]
                costs.append(cost(section, near, min(further) if further else max(fars)))
            else:
                costs += [cost(section, near, far) for far in fars]
    if section.mining == "batch-all":
        costs = [one for one in costs if one > 0]
    return sum(costs) / len(costs) if costs else 0.0


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("soft_margin", [False, True])
@pytest.mark.parametrize("mining", ["batch-all", "batch-hard", "semi-hard"])
@pytest.mark.parametrize("seed", SEEDS)
def test_each_mining_is_that_of_naive_loops(mining: Any, soft_margin: bool, distance: Any, seed: int) -> None:
    section = Triplet(mining=mining, soft_margin=soft_margin, distance=distance, margin=0.5)
    outputs, labels = a_batch(seed)
    loss = TripletLoss(section, rows=64, per_class=4)(outputs.requires_grad_(), labels)
    assert float(loss.detach()) == pytest.approx(naive(section, outputs.detach(), labels), rel=1e-4)
    loss.backward()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


@pytest.mark.parametrize("seed", SEEDS)
def test_random_mining_draws_one_triplet_an_anchor(seed: int) -> None:
    section = Triplet(mining="random", margin=100.0)
    outputs, labels = a_batch(seed, rows=8, classes=2)
    loss = TripletLoss(section, rows=64, per_class=4)
    drawn = {round(float(loss(outputs, labels)), 5) for _ in range(30)}
    assert len(drawn) > 1
    # Over all draws the mean is that over the triplets of each anchor, then over the anchors.
    mean = sum(float(loss(outputs, labels)) for _ in range(400)) / 400
    table = pair_distances(outputs, outputs, "euclidean")
    expected = []
    for anchor in range(len(labels)):
        same = [table[anchor][p] for p in range(len(labels)) if p != anchor and labels[p] == labels[anchor]]
        other = [table[anchor][n] for n in range(len(labels)) if labels[n] != labels[anchor]]
        if same:
            expected.append(sum(map(float, same)) / len(same) - sum(map(float, other)) / len(other) + 100)
    assert mean == pytest.approx(sum(expected) / len(expected), abs=0.15)


@pytest.mark.parametrize("mining", ["batch-all", "batch-hard", "semi-hard", "random"])
def test_a_batch_without_a_triplet_costs_nothing(mining: Any) -> None:
    outputs = torch.randn(4, 2).requires_grad_()
    loss = TripletLoss(Triplet(mining=mining), rows=8, per_class=2)
    for labels in (torch.zeros(4, dtype=torch.long), torch.arange(4)):
        value = loss(outputs, labels)
        value.backward()
        assert float(value.detach()) == 0


@pytest.mark.parametrize("distance", DISTANCES)
def test_examples_at_one_point_cost_the_margin_and_send_no_nan_back(distance: Any) -> None:
    outputs = torch.ones(6, 3).requires_grad_()
    for mining in ("batch-hard", "semi-hard", "random"):
        section = Triplet(mining=mining, margin=0.3, distance=distance)
        value = TripletLoss(section, rows=8, per_class=2)(outputs, torch.tensor([0, 0, 0, 1, 1, 1]))
        value.backward()
        assert float(value.detach()) == pytest.approx(0.3, abs=1e-5)
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


def test_an_evaluation_is_the_same_each_time_and_draws_nothing_of_the_trainings_own() -> None:
    outputs, labels = torch.randn(90, 4), torch.arange(90) % 5
    loss = TripletLoss(Triplet(mining="random"), rows=20, per_class=4)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with torch.no_grad():
        values = {float(loss(outputs, labels)) for _ in range(5)}
    assert len(values) == 1
    assert torch.equal(torch.get_rng_state(), before)


def test_outputs_that_are_no_places_are_refused() -> None:
    with pytest.raises(UserCodeError, match=r"outputs of shape \(4, 2, 2\), but loss 'triplet' needs embeddings"):
        TripletLoss(Triplet(), rows=8, per_class=2)(torch.randn(4, 2, 2), torch.zeros(4))


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=2, max_size=7),
    per_class=st.integers(2, 5),
    classes=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_a_batch_holds_several_examples_of_each_of_several_classes(
    sizes: list[int], per_class: int, classes: int, seed: int
) -> None:
    labels = torch.cat([torch.full((size,), 3 * place) for place, size in enumerate(sizes)])
    rows = classes * per_class
    order = torch.Generator().manual_seed(seed)
    batches = list(class_batches(labels, rows=rows, per_class=per_class, order=order))
    again = list(class_batches(labels, rows=rows, per_class=per_class, order=torch.Generator().manual_seed(seed)))
    assert len(batches) >= 1
    assert all(torch.equal(one, other) for one, other in zip(batches, again, strict=True))
    for batch in batches:
        assert len(set(batch.tolist())) == len(batch)
        held = labels[batch].tolist()
        assert len(set(held)) == min(classes, len(sizes))
        for label in set(held):
            assert held.count(label) == min(per_class, sizes[label // 3])


def test_each_example_of_equal_classes_comes_once_an_epoch() -> None:
    labels = torch.arange(120) % 6
    batches = list(class_batches(labels, rows=12, per_class=4, order=torch.Generator().manual_seed(0)))
    assert sorted(torch.cat(batches).tolist()) == list(range(120))


@pytest.mark.parametrize("distance", DISTANCES)
def test_neighbours_are_those_of_a_naive_search(distance: Any) -> None:
    torch.manual_seed(0)
    outputs, labels = torch.randn(40, 3), torch.cat([torch.tensor([7]), torch.randint(0, 3, (39,))])
    found = nearest_neighbours(outputs, distance).tolist()
    for place in range(40):
        others = [other for other in range(40) if other != place]
        assert found[place] == min(others, key=lambda other: apart(outputs[place], outputs[other], distance))
    config = config_of({"loss": {"kind": "triplet", "distance": distance}})
    (metric,) = build_metrics(config, Path())
    hits = [labels[found[place]] == labels[place] for place in range(1, 40)]
    assert metric(outputs, labels) == pytest.approx(sum(map(int, hits)) / 39)


def config_of(changes: dict[str, Any]) -> RunConfig:
    data = {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", "classes": 4, "features": 3}, "rows": 200}}
    return RunConfig.model_validate_json(json.dumps({"name": "a", "task": "metric-learning", "data": data, **changes}))


BLOBS: dict[str, Any] = {
    "task": "metric-learning",
    "data": {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", "classes": 6, "spread": 1.0}, "rows": 300}},
    "model": {"kind": "embedding", "size": 3, "network": {"kind": "mlp", "hidden": [32]}},
    "optimizer": {"kind": "adam", "lr": 0.01},
    "training": {"epochs": 8, "batch_size": 24},
}


@pytest.mark.parametrize("mining", ["batch-all", "batch-hard", "semi-hard", "random"])
def test_embeddings_separate_blobs(tmp_path: Path, mining: str) -> None:
    sink, end = run(tmp_path, {**BLOBS, "loss": {"kind": "triplet", "mining": mining}})
    last = sink.epochs[-1]
    assert end.status == "finished"
    assert last.metrics["nearest-neighbour-accuracy"] > 0.9
    assert last.embedding is not None
    assert last.embedding.positive_distance is not None
    assert (last.embedding.negative_distance or 0) > 2.5 * last.embedding.positive_distance
    assert (last.embedding.active_triplets or 1) < 0.2
    assert sum(row.target == row.prediction for row in end.predictions) > 0.9 * len(end.predictions)


def test_a_collapse_can_be_told_from_the_record() -> None:
    labels = torch.arange(40) % 4
    torch.manual_seed(0)
    one_point = measure_embedding(Triplet(), torch.ones(40, 3), labels, rows=16)
    spread = measure_embedding(Triplet(), torch.eye(4)[labels] + 0.01 * torch.randn(40, 4), labels, rows=16)
    assert one_point is not None
    assert spread is not None
    assert (one_point.active_triplets, one_point.positive_distance, one_point.negative_distance) == (1, 0, 0)
    assert spread.active_triplets == 0
    assert spread.negative_distance == pytest.approx(math.sqrt(2), rel=0.05)


def test_the_baseline_is_one_point_and_a_neighbour_at_random(tmp_path: Path) -> None:
    config = config_of({"loss": {"kind": "triplet", "margin": 0.4}})
    loaded = load_data(config, tmp_path)
    record, _ = probe_data(loaded, config)
    assert record.baseline["val_loss"] == 0.4
    assert record.baseline["nearest-neighbour-accuracy"] == pytest.approx(0.25, abs=0.03)
    assert record.baseline_name == "every example at one point"
    assert record.output_size == 32
    soft = config_of({"loss": {"kind": "triplet", "soft_margin": True}})
    assert probe_data(load_data(soft, tmp_path), soft)[0].baseline["val_loss"] == pytest.approx(math.log(2))


def test_a_resumed_training_ends_at_the_same_weights(tmp_path: Path) -> None:
    changes = {**BLOBS, "loss": {"kind": "triplet", "mining": "random"}, "training": {"epochs": 4, "batch_size": 24}}

    class AfterTwo(Sink):
        def should_stop(self) -> bool:
            return len(self.epochs) >= 2

    whole, uninterrupted = run(tmp_path / "whole", changes)
    first, _ = run(tmp_path / "parts", changes, sink=AfterTwo())
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert resumed.weights_hash == uninterrupted.weights_hash


def test_a_split_without_two_of_a_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own_single_rows.py").write_text(
        "import numpy as np\n"
        "def rows(): return {'train': (np.random.rand(8, 2), np.arange(8) % 2), 'validation': (np.eye(2), [0, 1])}\n"
    )
    source = {"source": {"kind": "python", "target": "own_single_rows:rows"}}
    with pytest.raises(DataError, match="the validation split has 2 rows of 2 classes, at most 1 of one: no triplet"):
        run(tmp_path, {**BLOBS, "data": source})


def test_ones_own_network_and_loss_take_the_same_batches(tmp_path: Path) -> None:
    (tmp_path / "own_places.py").write_text(
        "import torch\nfrom torch import nn\n\n"
        "def net(input_shape, output_size):\n    return nn.Linear(input_shape[0], output_size)\n\n"
        "def loss():\n"
        "    def measure(outputs, targets):\n"
        "        assert torch.bincount(targets).max() == 4 or len(targets) > 24\n"
        "        same = (targets[:, None] == targets[None]).float()\n"
        "        return ((outputs @ outputs.T - same) ** 2).mean()\n"
        "    return measure\n"
    )
    changes = {**BLOBS, "model": {"kind": "python", "target": "own_places:net", "kwargs": {"output_size": 5}}}
    sink, end = run(tmp_path, {**changes, "loss": {"kind": "python", "target": "own_places:loss"}})
    assert end.status == "finished"
    assert sink.epochs[-1].metrics["nearest-neighbour-accuracy"] > 0.5


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"metric 'accuracy' is for .* but task is 'metric-learning'"):
        build_metrics(config_of({"metrics": ["accuracy"]}), Path())
