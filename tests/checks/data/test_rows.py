"""Rows and labels of real data, healthy and broken: what `logbook check --data` says of them."""

import json

import numpy as np
import pytest
from sklearn import datasets

from logbook import gates
from tests.checks import programs

SEEDS = (0, 1, 2)
ROW_RULES = {
    *("shared-rows", "unseen-class", "imbalanced-classes", "drifting-labels", "near-shared-rows", "repeated-rows"),
    *("conflicting-labels", "uninformative-inputs", "sorted-data", "single-class", "tiny-validation-split"),
    *("padded-sequences", "disagreeing-labels"),
}
OWN = """
import numpy as np

def data(file):
    with np.load(file) as kept:
        names = {name.split("_")[0] for name in kept}
        return {name: (kept[f"{name}_x"], kept[f"{name}_y"]) for name in sorted(names)}
"""


@pytest.fixture
def found(tmp_path):
    """Check arrays: of one split, or of several by name; return what the rules on rows say, loudest first."""

    def check(x=None, y=None, *, task="classification", split=None, balance="none", model=None, **given):
        data = {"inputs": ["standardize"] if model is None else [], "balance": balance}
        data |= {} if split is None else {"split": split}
        if given:
            arrays = {
                f"{name}_{part}": array for name, pair in given.items() for part, array in zip("xy", pair, strict=True)
            }
            np.savez(tmp_path / "a.npz", **arrays)
            data["source"] = programs.own("data", file=str(tmp_path / "a.npz"))
        else:
            np.savez(tmp_path / "a.npz", x=x, y=y)
            data["source"] = {"kind": "npz", "path": "a.npz"}
        config = programs.CLASSES | {"task": task, "data": data, "model": model or programs.CLASSES["model"]}
        path = programs.write(tmp_path, config, OWN if given else "")
        report = gates.check(path, data=True, logbook=str(tmp_path / "book"))
        return [one for one in report.findings if one.name in ROW_RULES]

    return check


def names(findings):
    return [one.name for one in findings]


def loud(findings):
    return programs.loud(findings)


def shuffled(seed):
    return np.random.default_rng(seed).permutation


def of(name):
    return getattr(datasets, f"load_{name}")(return_X_y=True)


def parted(x, y, seed, share=0.2):
    order = shuffled(seed)(len(x))
    cut = int(share * len(x))
    return (x[order[cut:]], y[order[cut:]]), (x[order[:cut]], y[order[:cut]])


# -- healthy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["random", "k-fold"])
@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("digits", "classification"),
        ("wine", "classification"),
        ("iris", "classification"),
        ("breast_cancer", "binary"),
        ("diabetes", "regression"),
        ("linnerud", "regression"),
    ],
)
def test_real_data_are_silent(found, name, task, kind, seed):
    x, y = of(name)
    findings = found(x, y, task=task, split={"kind": kind, "seed": seed})
    assert set(names(findings)) <= {"tiny-validation-split"}
    assert loud(findings) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rows", [10, 100, 1000])
@pytest.mark.parametrize("pattern", ["blobs", "spirals", "xor", "sine"])
def test_made_up_data_are_silent(tmp_path, pattern, rows, seed):
    source = {"kind": "synthetic", "pattern": pattern, "rows": rows, "seed": seed}
    path = programs.write(tmp_path, programs.CLASSES | {"task": TASKS[pattern], "data": {"source": source}})
    findings = gates.check(path, data=True, logbook=str(tmp_path / "book")).findings
    assert not ROW_RULES & set(loud(findings))


TASKS = {"blobs": "classification", "spirals": "binary", "xor": "binary", "sine": "regression"}


def _hard_tasks(rng):
    """Problems that a network learns and most simple models don't."""
    rows = 1000
    wide = rng.normal(size=(rows, 20))
    yield "signs of two among twenty", wide, wide[:, 0] * wide[:, 1] > 0
    yield "length of a vector", wide, (wide**2).sum(axis=1) > 20
    net = np.tanh(wide @ rng.normal(size=(20, 32))) @ rng.normal(size=32)
    yield "another network", wide, net > 0
    classes, steps = rng.integers(0, 2, rows), np.arange(64)
    phase = rng.uniform(0, 6.3, rows)
    waves = np.sin((0.5 + 0.1 * classes)[:, None] * steps + phase[:, None]) + rng.normal(size=(rows, 64))
    yield "frequency at any phase", waves, classes
    images = rng.normal(size=(rows, 1, 20, 20)) * 0.5
    for image, one in zip(images, classes, strict=True):
        top, left = rng.integers(0, 14, 2)
        image[0, top : top + (6 if one else 2), left : left + (2 if one else 6)] += 1.5
    yield "bars anywhere, upright or not", images, classes
    bits = rng.integers(0, 2, size=(rows, 12))
    yield "parity", bits.astype(float), bits.sum(axis=1) % 2
    yield "one in thirty", wide + (net > 4.5)[:, None], net > 4.5


@pytest.mark.parametrize("seed", SEEDS)
def test_hard_problems_are_not_called_hopeless(found, seed):
    tried = 0
    for name, x, y in _hard_tasks(np.random.default_rng(seed)):
        loudly = set(loud(found(x, y.astype(np.int64), split={"seed": seed})))
        assert "uninformative-inputs" not in loudly, name
        assert loudly <= {"imbalanced-classes"}, name
        tried += 1
    assert tried == 7


def test_categories_that_repeat_are_no_duplicates(found):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, size=(3000, 4)).astype(float)
    y = (x.sum(axis=1) + rng.normal(size=3000) > 6).astype(np.int64)
    assert names(found(x, y)) == []


@pytest.mark.parametrize("balance", ["oversample", "undersample", "class-weights"])
def test_classes_that_were_evened_out_are_silent(found, balance):
    x, y = of("breast_cancer")
    keep = np.flatnonzero((y == 1) | (np.arange(len(y)) % 4 == 0))  # about 1 : 7
    assert names(found(x[keep], y[keep], task="binary", balance=balance)) == []


def test_several_labels_at_a_time_and_reconstruction_are_silent(found, tmp_path):
    x, y = of("digits")
    assert loud(found(x, np.eye(10)[y], task="multilabel")) == []
    source = {"kind": "sklearn", "dataset": "digits"}
    path = programs.write(
        tmp_path,
        {
            "task": "reconstruction",
            "data": {"source": source},
            "model": {"kind": "autoencoder", "hidden": [16]},
            "training": {"epochs": 1, "device": "cpu"},
        },
    )
    assert programs.told(gates.check(path, data=True, logbook=str(tmp_path / "book")).findings) == []


def test_days_and_patients_are_silent(found):
    """A slow drift in time, and patients that differ, are what such splits are for."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 5))
    drifting = x[:, 0] + np.arange(600) / 200
    assert loud(found(x, drifting, task="regression", split={"kind": "ordered"})) == []


# -- broken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "task"),
    [("digits", "classification"), ("wine", "classification"), ("breast_cancer", "binary"), ("diabetes", "regression")],
)
def test_shuffled_labels_are_the_first_finding(found, name, task, seed):
    x, y = of(name)
    findings = found(x, shuffled(seed)(y), task=task)
    assert loud(findings) == ["uninformative-inputs"]
    assert findings[0].where == "train"


@pytest.mark.parametrize("seed", SEEDS)
def test_images_with_shuffled_labels_are_told(found, seed):
    x, y = of("digits")
    assert loud(found(x.reshape(-1, 1, 8, 8), shuffled(seed)(y))) == ["uninformative-inputs"]


@pytest.mark.parametrize("seed", SEEDS)
def test_validation_labels_out_of_order_are_told(found, seed):
    train, (x, y) = parted(*of("digits"), seed)
    assert loud(found(train=train, validation=(x, y))) == []
    [finding] = found(train=train, validation=(x, shuffled(seed)(y)))
    assert (finding.name, finding.where) == ("uninformative-inputs", "validation")
    [finding] = found(train=train, validation=(x, 9 - y))
    assert "opposite" in finding.message


@pytest.mark.parametrize("seed", SEEDS)
def test_training_rows_in_validation_are_told(found, seed):
    (x, y), _ = parted(*of("digits"), seed)
    findings = found(train=(x, y), validation=(x[:300], y[:300]))
    assert loud(findings) == ["shared-rows"]
    assert findings[0].severity == "error"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("noise", [1e-6, 1e-3, 0.02])
def test_noisy_copies_of_training_rows_are_told(found, noise, seed):
    (x, y), _ = parted(*of("digits"), seed)
    copies = x[:300] + noise * np.random.default_rng(seed).normal(size=(300, 64))
    findings = found(train=(x, y), validation=(copies, y[:300]))
    assert loud(findings) == ["near-shared-rows"]


@pytest.mark.parametrize("seed", SEEDS)
def test_dense_data_have_no_copies(found, seed):
    """Rows of few dimensions lie near each other, and a split may be of a dense region alone."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(size=(500, 3)), 0.001 * rng.normal(size=(500, 3)) + 5])
    y = np.arange(1000) % 2 * (x[:, 0] > 0)
    dense = 0.001 * rng.normal(size=(300, 3)) + 5
    findings = found(train=(x, y), validation=(dense, rng.integers(0, 2, 300)))
    assert "near-shared-rows" not in names(findings)


def test_rows_sorted_by_class_and_cut_in_order_are_told(found):
    x, y = of("digits")
    order = np.argsort(y, kind="stable")
    findings = found(x[order], y[order], split={"kind": "ordered"})
    assert names(findings)[0] == "sorted-data"
    assert {"sorted-data", "unseen-class"} == set(loud(findings))
    cut = order[:1400], order[1400:]
    given = {name: (x[rows], y[rows]) for name, rows in zip(("train", "validation"), cut, strict=True)}
    assert names(found(**given))[0] == "sorted-data"
    assert loud(found(x[order], y[order])) == []  # drawn at random: batches are shuffled anyway


def test_rows_sorted_by_target_and_cut_in_order_are_told(found):
    x, y = of("diabetes")
    order = np.argsort(y, kind="stable")
    findings = found(x[order], y[order], task="regression", split={"kind": "ordered"})
    assert loud(findings)[0] == "sorted-data"
    assert loud(found(x[order], y[order], task="regression")) == []
    assert loud(found(x, y, task="regression", split={"kind": "ordered"})) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_drifting_classes_are_told(found, seed):
    x, y = of("breast_cancer")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    ill, well = order[y[order] == 0], order[y[order] == 1]
    train = np.concatenate([ill[:150], well[:60]])
    validation = np.concatenate([ill[150:180], well[60:150]])
    findings = found(train=(x[train], y[train]), validation=(x[validation], y[validation]))
    assert loud(findings) == ["drifting-labels"]


@pytest.mark.parametrize("seed", SEEDS)
def test_few_rows_of_a_class_are_told(found, seed):
    x, y = of("breast_cancer")
    keep = shuffled(seed)(np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:18]]))
    findings = found(x[keep], y[keep], task="binary")
    assert loud(findings) == ["imbalanced-classes"]


@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_labels_are_a_warning(found, seed):
    x, y = of("digits")
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(y)) < 0.2
    findings = found(x, np.where(wrong, rng.integers(0, 10, len(y)), y))
    assert names(findings) == loud(findings) == ["disagreeing-labels"]


def test_equal_rows_with_other_labels_are_told(found):
    x, y = of("digits")
    again = shuffled(0)(len(x))[:200]
    x, y = np.concatenate([x, x[again]]), np.concatenate([y, (y[again] + 1) % 10])
    findings = found(x, y, split={"validation": 0.0})
    assert loud(findings) == ["conflicting-labels"]
    assert "repeated-rows" in names(findings)


def test_padded_sequences_are_a_note(found):
    rng = np.random.default_rng(0)
    tokens = rng.integers(1, 50, size=(200, 20))
    tokens[:, 6:] = 0
    model = {"kind": "rnn", "hidden": [8]}
    assert names(found(tokens, tokens[:, 0] % 2, model=model)) == ["padded-sequences"]
    assert names(found(rng.integers(0, 50, size=(200, 20)), tokens[:, 0] % 2, model=model)) == []


# -- odd data -------------------------------------------------------------------------------------------------


def test_odd_data_never_crash_the_probes(found):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    holes = x.copy()
    holes[5:20, 1] = np.nan
    found(holes, y)
    found(np.full_like(x, np.nan), y)
    found(np.ones_like(x), y)
    found(x.astype(np.int64), y)
    found(x * 1e30, y.astype(float))
    found(x, np.ones(60), task="regression")
    found(rng.integers(0, 2, size=(60, 3)).astype(bool), y)
    found(x[:2], y[:2], split={"validation": 0.0, "stratify": False})
    assert "tiny-validation-split" in names(found(train=(x, y), validation=(x[:1] + 9, y[:1])))


def test_one_class_alone_is_told(found):
    x, _ = of("iris")
    train = (x[50:], np.zeros(100, dtype=np.int64))
    findings = found(train=train, validation=(x[:50], np.arange(50) % 2))
    assert names(findings)[0] == "single-class"
    assert findings[0].severity == "error"


def test_probes_say_what_they_skipped_and_repeat_themselves(tmp_path):
    source = {"kind": "synthetic", "pattern": "blobs", "rows": 15}
    programs.write(tmp_path, programs.CLASSES | {"data": {"source": source}})
    config = json.loads((tmp_path / "config.json").read_text())
    whole = gates.RunConfig.model_validate(config | {"task": "classification"})
    _, record, _ = gates.load_examples(whole, tmp_path)
    assert record.skipped == {"signal": "12 different rows without missing values are too few to tell"}
    state = np.random.get_state()[1].tolist()
    assert gates.load_examples(whole, tmp_path)[1] == record
    assert np.random.get_state()[1].tolist() == state
