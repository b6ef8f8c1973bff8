"""Data as people bring them along, with nothing wrong; each is drawn from a seed of its own."""

import numpy as np
import torch
from sklearn.datasets import load_digits, make_classification


def rows_of_digits():
    digits = load_digits()
    return (digits.images / 8.0 - 1.0).astype("float32"), digits.target


def _rng(seed=0):
    return np.random.default_rng(seed)


def words(rows=600):
    """Bags of 12 words out of 500, of which the last 200 are never used; three topics."""
    rng, topics = _rng(), _rng().integers(0, 3, rows)
    own = rng.integers(0, 100, (rows, 12)) + 100 * topics[:, None]
    common = rng.integers(0, 300, (rows, 12))
    return np.where(rng.random((rows, 12)) < 0.5, own, common), topics


def _clouds(counts, features=8, apart=2.5):
    rng = _rng(1)
    centres = rng.normal(size=(len(counts), features)) * apart
    targets = np.repeat(np.arange(len(counts)), counts)
    order = rng.permutation(len(targets))
    inputs = centres[targets] + rng.normal(size=(len(targets), features))
    return inputs[order].astype("float32"), targets[order]


def imbalanced():
    return _clouds((500, 100, 100))


def imbalanced_binary():
    return _clouds((500, 100), apart=1.0)


def sparse(rows=800, columns=100):
    rng = _rng(2)
    inputs = np.where(rng.random((rows, columns)) < 0.05, rng.random((rows, columns)) + 0.5, 0.0)
    return inputs.astype("float32"), (inputs[:, :50].sum(1) > inputs[:, 50:].sum(1)).astype(int)


def heavy(rows=800, columns=6):
    rng = _rng(3)
    inputs = rng.standard_t(5, (rows, columns))
    inputs = np.clip((inputs - inputs.mean(0)) / inputs.std(0), -7.5, 7.5)
    targets = inputs @ rng.normal(size=columns) * 0.5 + 0.3 * rng.normal(size=rows)
    return inputs.astype("float32"), (targets / targets.std()).astype("float32")


def prices(rows=600, columns=5):
    rng = _rng(4)
    inputs = rng.normal(size=(rows, columns)) * [1, 10, 100, 5, 3] + [0, 50, 1000, 5, -3]
    standard = (inputs - inputs.mean(0)) / inputs.std(0)
    return inputs.astype("float32"), (
        250_000 + 40_000 * (standard @ [1.0, 0.5, -0.7, 0.2, 0.4]) + 9_000 * rng.normal(size=rows)
    ).astype("float32")


def three_targets(rows=600):
    rng = _rng(5)
    inputs = rng.normal(size=(rows, 6))
    targets = inputs @ rng.normal(size=(6, 3)) * [1.0, 2.0, 3.0] + 0.3 * rng.normal(size=(rows, 3))
    return inputs.astype("float32"), targets.astype("float32")


def labels(rows=600):
    rng = _rng(6)
    inputs = rng.normal(size=(rows, 8))
    return inputs.astype("float32"), ((inputs @ rng.normal(size=(8, 4)) + 0.3 * rng.normal(size=(rows, 4))) > 0).astype(
        "float32"
    )


def few():
    return _clouds((20, 20, 20), features=5)


def split_already():
    inputs, targets = make_classification(900, 12, n_informative=6, n_classes=3, class_sep=2.0, random_state=0)
    inputs = inputs.astype("float32")
    return {
        "train": (inputs[:600], targets[:600]),
        "validation": (inputs[600:750], targets[600:750]),
        "test": (inputs[750:], targets[750:]),
    }


def season(days=900):
    rng, day = _rng(7), np.arange(900)
    year = 2 * np.pi * day / 300
    inputs = np.stack([np.sin(year), np.cos(year), rng.normal(size=days), rng.normal(size=days)], 1)
    targets = 10 + 4 * np.sin(year + 0.5) + inputs[:, 2] + 0.5 * rng.normal(size=days)
    return inputs.astype("float32"), targets.astype("float32")


def within_one(rows=600):
    rng = _rng(8)
    inputs = rng.normal(size=(rows, 4))
    return inputs.astype("float32"), (0.7 * np.tanh(inputs @ rng.normal(size=4) * 0.5)).astype("float32")


class Clouds(torch.utils.data.Dataset):
    def __init__(self):
        self.inputs, self.targets = _clouds((200, 200, 200))

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        return torch.as_tensor(self.inputs[index]), int(self.targets[index])


def dataset():
    whole = Clouds()
    train, validation = torch.utils.data.random_split(whole, [480, 120], generator=torch.Generator().manual_seed(0))
    return {"train": train, "validation": validation}
