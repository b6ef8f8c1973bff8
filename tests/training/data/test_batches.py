"""Batches of an epoch: every row once, in an order of its own generator."""

from __future__ import annotations

import pytest
import torch

from logbook.training.data import index_batches, split_batches
from logbook.training.data.batches import augmented, count_batches
from logbook_schemas.config.augmentation import Noise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def held(load):
    return load({"kind": "synthetic", "pattern": "xor", "rows": 50}, split={"validation": 0.0}).train


@pytest.fixture
def streamed(load, person):
    code = "def data():\n    x = torch.arange(50.).reshape(25, 2)\n"
    code += "    return torch.utils.data.TensorDataset(x, torch.arange(25) % 2)\n"
    return load(person(code), task="classification", split={"validation": 0.0, "stratify": False}).train


def test_an_epoch_has_every_row_once():
    batches = list(index_batches(10, 4, generator()))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert count_batches(10, 4) == 3
    assert sorted(torch.cat(batches).tolist()) == list(range(10))
    assert torch.cat(batches).tolist() != list(range(10))


@pytest.mark.parametrize(
    ("rows", "size", "sizes"), [(9, 4, [4, 5]), (5, 4, [5]), (1, 4, [1]), (3, 1, [1, 1, 1]), (8, 4, [4, 4])]
)
def test_no_epoch_ends_on_a_single_row(rows, size, sizes):
    batches = list(index_batches(rows, size, generator()))
    assert [len(batch) for batch in batches] == sizes
    assert count_batches(rows, size) == len(sizes)
    assert sorted(torch.cat(batches).tolist()) == list(range(rows))


def test_the_order_goes_on_with_its_generator():
    source = generator()
    first, second = (torch.cat(list(index_batches(20, 7, source))).tolist() for _ in range(2))
    assert first != second
    again = generator()
    assert [torch.cat(list(index_batches(20, 7, again))).tolist() for _ in range(2)] == [first, second]


@pytest.mark.parametrize("kind", ["held", "streamed"])
def test_inputs_and_targets_stay_together(kind, request):
    split = request.getfixturevalue(kind)
    plain = list(split_batches(split, 8))
    shuffled = list(split_batches(split, 8, order=generator()))
    assert sum(len(x) for x, _ in plain) == sum(len(x) for x, _ in shuffled) == len(split)
    pairs = [
        {(*x.tolist(), int(y)) for xs, ys in batches for x, y in zip(xs, ys, strict=True)}
        for batches in (plain, shuffled)
    ]
    assert pairs[0] == pairs[1]
    assert not torch.equal(plain[0][0], shuffled[0][0])
    again = list(split_batches(split, 8, order=generator()))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(shuffled, again, strict=True))


@pytest.mark.parametrize("kind", ["held", "streamed"])
def test_batches_leave_the_global_random_numbers_alone(kind, request):
    split = request.getfixturevalue(kind)
    before = torch.get_rng_state()
    list(split_batches(split, 8, order=generator(), augment=[Noise()], noise=generator(1)))
    list(split_batches(split, 8))
    assert torch.equal(before, torch.get_rng_state())


def test_workers_read_the_same_batches(streamed):
    one, two = (list(split_batches(streamed, 8, order=generator(), workers=workers)) for workers in (0, 1))
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(one, two, strict=True))


def test_noise_has_its_deviation_and_does_not_move_the_order(held):
    plain = list(split_batches(held, 8, order=generator()))
    noisy = list(split_batches(held, 8, order=generator(), augment=[Noise(std=0.5)], noise=generator(1)))
    assert all(torch.equal(a[1], b[1]) for a, b in zip(plain, noisy, strict=True))
    change = torch.cat([b[0] - a[0] for a, b in zip(plain, noisy, strict=True)])
    assert 0.35 < float(change.std()) < 0.65
    large = augmented(torch.zeros(100_000), [Noise(std=0.5), Noise(std=1.2)], generator())
    assert float(large.std()) == pytest.approx(1.3, rel=0.02)
