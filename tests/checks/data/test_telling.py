"""What labels and columns say of each other on real tables: trainings that are silent, and the fault that is told."""

import numpy as np
import pytest
from sklearn import datasets

from tests.checks import programs
from tests.checks.data.columns import MODULE, config, found, save, severities

SEEDS = range(3)


def unit(x):
    return (x - x.mean(0)) / x.std(0)


def of(name, seed=0):
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(y))
    return unit(np.c_[x, y])[order][:, :-1] if name == "diabetes" else x[order], y[order]


def _hard(rng):
    """Classes that no network tells apart well: they overlap, or chance has a say."""
    rows = 900
    x = rng.normal(size=(rows, 6))
    score = x[:, 0] + 0.5 * x[:, 1]
    yield "survival", x, (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)
    yield "grades", x, np.digitize(score + rng.normal(size=rows), [-1.5, -0.5, 0.5, 1.5])
    y = rng.integers(0, 3, rows)
    yield "heaps", rng.normal(size=(3, 2))[y] + rng.normal(size=(rows, 2)), y
    yield "wide heaps", 0.5 * rng.normal(size=(3, 10))[y] + rng.normal(size=(rows, 10)), y
    yield (
        "clusters",
        *datasets.make_classification(
            rows, 20, n_informative=6, n_classes=3, class_sep=0.7, random_state=int(rng.integers(99))
        ),
    )
    sex = rng.integers(0, 2, rows)
    yield "two groups", np.c_[sex, x], (rng.random(rows) < np.where(sex, 0.75, 0.2)).astype(int)
    yield "one in ten", x, (score + rng.normal(size=rows) > 2).astype(int)


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_that_overlap_are_not_called_wrong(tmp_path, seed):
    for name, x, y in _hard(np.random.default_rng(seed)):
        told = severities(found(tmp_path, config(), all=(unit(x), y)))
        assert {rule for rule, severity in told.items() if severity != "note"} <= {"imbalanced-classes"}, name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["digits", "wide", "heaps"])
@pytest.mark.parametrize("share", [0.2, 0.4])
def test_labels_that_are_wrong_by_chance_are_told(tmp_path, name, share, seed):
    rng = np.random.default_rng(seed)
    if name == "digits":
        x, y = of("digits", seed)
    else:
        y = rng.integers(0, 5, 1000)
        columns = 10 if name == "wide" else 3
        x = (1.5 if name == "wide" else 3) * rng.normal(size=(5, columns))[y] + rng.normal(size=(1000, columns))
    classes = int(y.max()) + 1
    wrong = np.where(rng.random(len(y)) < share, (y + rng.integers(1, classes, len(y))) % classes, y)
    spread = x.std(0)
    x = (x - x.mean(0)) / np.where(spread > 0, spread, 1)
    assert severities(found(tmp_path, config(), all=(x, wrong)))["disagreeing-labels"] == "warning"
    assert "disagreeing-labels" not in severities(found(tmp_path, config(), all=(x, y)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_answer_among_the_columns_is_told(tmp_path, task, seed):
    x, y = of("wine" if task == "classification" else "diabetes", seed)
    x = unit(x)
    y = y if task == "classification" else unit(y)[:, None]
    settings = config(task=task, loss="mse" if task == "regression" else "cross-entropy")
    assert "label-among-inputs" not in severities(found(tmp_path, settings, all=(x, y)))
    told = found(tmp_path, settings, all=(np.c_[x, unit(y.astype(float))], y))
    assert programs.loud(told)[0] == "label-among-inputs"


def test_the_number_of_a_flower_is_told_where_the_file_is_sorted(tmp_path):
    x, y = datasets.load_iris(return_X_y=True)
    x = unit(np.c_[np.arange(150), x])
    assert severities(found(tmp_path, config(), all=(x, y)))["label-among-inputs"] == "warning"
    order = np.random.default_rng(0).permutation(150)
    mixed = np.c_[x[:, 0], x[order, 1:]]
    assert "label-among-inputs" not in severities(found(tmp_path, config(), all=(mixed, y[order])))


@pytest.mark.parametrize("seed", SEEDS)
def test_towns_are_told_from_amounts(tmp_path, seed):
    rng = np.random.default_rng(seed)
    town, size = rng.integers(0, 15, 800), rng.integers(0, 12, 800)
    level = np.random.default_rng(5).permutation(15) / 4
    x = unit(np.c_[town, size].astype(float))
    settings = config(task="regression", loss="mse")
    for y, severity in ((level[town], "warning"), (np.sin(town / 3) + 0.1 * size, None)):
        y = unit(y + rng.normal(0, 0.2, 800))[:, None]
        assert severities(found(tmp_path, settings, all=(x, y))).get("number-coded-category") == severity


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["wine", "iris", "breast_cancer"])
def test_scaling_rows_for_columns_is_told(tmp_path, name, seed):
    x, y = of(name, seed)
    assert "row-scaled-inputs" not in severities(found(tmp_path, config(), all=(unit(x), y)))
    assert severities(found(tmp_path, config(), all=(unit(x.T).T, y)))["row-scaled-inputs"] == "warning"


def test_pictures_scaled_one_by_one_are_no_such_table(tmp_path):
    x, y = of("digits")
    assert "warning" not in severities(found(tmp_path, config(), all=(unit(x.T).T, y))).values()


def test_a_code_for_unknown_ages_is_told(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 3)), rng.integers(0, 2, 400)
    x[:, 0] += y
    age = rng.uniform(0, 120, 400)
    for share, severity in ((0.12, "warning"), (0.0, None)):
        known = np.where(rng.random(400) < share, -999, age)
        table = unit(np.c_[x, known])
        assert severities(found(tmp_path, config(), all=(table, y))).get("outliers") == severity
    dry = unit(np.c_[x, np.where(rng.random(400) < 0.4, 0, rng.gamma(2, 1, 400))])
    assert "outliers" not in severities(found(tmp_path, config(), all=(dry, y)))


def test_a_training_that_wrong_labels_spoil_names_them_first(tmp_path):
    x, y = of("digits")
    rng = np.random.default_rng(0)
    wrong = np.where(rng.random(len(y)) < 0.5, (y + rng.integers(1, 10, len(y))) % 10, y)
    settings = config(training={"epochs": 12, "batch_size": 32, "device": "cpu"}, model={"kind": "mlp", "hidden": [64]})
    save(tmp_path, all=(x / 8 - 1, wrong))
    run = programs.run(tmp_path, settings, MODULE)
    assert run.findings[0].name == "disagreeing-labels"
    save(tmp_path, all=(x / 8 - 1, y))
    assert programs.told(programs.run(tmp_path, settings, MODULE).findings) == []


NETS = """
import numpy as np
import torch
from torch import nn

def pictures(last, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 200)
    x = rng.normal(size=(200, 3, 12, 12)).astype("float32")
    x[:, :, :6] += 2 * y[:, None, None, None]
    return (x.transpose(0, 2, 3, 1) if last else x), y

class Pictures(nn.Module):
    def __init__(self, input_shape, output_size, moves=False):
        super().__init__()
        self.moves = moves
        self.conv = nn.Conv2d(input_shape[2] if moves else input_shape[0], 8, 3, padding=1)
        self.fc = nn.Linear(8, output_size)

    def forward(self, x):
        x = x.permute(0, 3, 1, 2) if self.moves else x
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))

def words(seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 300)
    x = rng.integers(100, 300, (300, 12))
    x[:, 3] = np.where(y, rng.integers(1, 50, 300), rng.integers(50, 100, 300))
    return x, y

class Words(nn.Module):
    def __init__(self, input_shape, output_size, table=True):
        super().__init__()
        self.table = nn.Embedding(300, 8) if table else None
        self.fc = nn.Linear(8 if table else 12, output_size)

    def forward(self, x):
        return self.fc(x.float() if self.table is None else self.table(x).mean(1))
"""


def of_net(folder, source, net, seed, **kwargs):
    settings = config(model=programs.own(net, **kwargs))
    settings["data"] = {"source": source}
    return programs.loud(programs.run(folder, settings, NETS, seed=seed).findings)


@pytest.mark.parametrize("seed", programs.SEEDS)
def test_channels_that_stand_last_are_told(tmp_path, seed):
    assert of_net(tmp_path, programs.own("pictures", last=True, seed=seed), "Pictures", seed)[0] == "channels-last"
    for last in (False, True):
        source = programs.own("pictures", last=last, seed=seed)
        assert "channels-last" not in of_net(tmp_path, source, "Pictures", seed, moves=last)


@pytest.mark.parametrize("seed", programs.SEEDS)
def test_words_taken_for_amounts_are_told(tmp_path, seed):
    source = programs.own("words", seed=seed)
    assert of_net(tmp_path, source, "Words", seed, table=False)[0] == "unembedded-tokens"
    assert "unembedded-tokens" not in of_net(tmp_path, source, "Words", seed)
