"""scikit-learn's own sets and made-up data."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

SHAPES = {
    "digits": (1797, (1, 8, 8), 10),
    "breast_cancer": (569, (30,), 1),
    "wine": (178, (13,), 3),
    "iris": (150, (4,), 3),
    "diabetes": (442, (10,), 1),
    "linnerud": (20, (3,), 3),
}


@pytest.mark.parametrize("dataset", SHAPES)
def test_each_set_of_sklearn_loads_with_its_shape(load, dataset):
    rows, shape, outputs = SHAPES[dataset]
    loaded = load({"kind": "sklearn", "dataset": dataset})
    assert (loaded.source_rows, loaded.input_shape, loaded.output_size) == (rows, shape, outputs)
    assert len(loaded.train) + len(loaded.validation) == rows
    assert abs(float(loaded.train.inputs.mean())) < 1e-5


def test_names_of_columns_and_classes_come_with_the_set(load):
    loaded = load({"kind": "sklearn", "dataset": "iris"})
    assert loaded.columns[0] == "sepal length (cm)"
    assert loaded.classes == ("setosa", "versicolor", "virginica")


PATTERNS = [
    {"kind": "blobs", "classes": 4, "features": 3},
    {"kind": "spirals", "classes": 3},
    {"kind": "xor"},
    {"kind": "sine", "periods": 2},
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern["kind"])
def test_made_up_data_depend_on_their_seed_alone(load, pattern):
    def content(seed):
        loaded = load({"kind": "synthetic", "pattern": pattern, "rows": 50, "seed": seed})
        part = loaded.source.parts["all"]
        return hashlib.sha256(part.inputs.tobytes() + part.targets.tobytes()).hexdigest()

    assert content(3) == content(3)
    assert content(3) != content(4)


def test_patterns_without_noise_are_what_they_say(load):
    xor = load({"kind": "synthetic", "pattern": {"kind": "xor", "noise": 0}}).source.parts["all"]
    assert np.array_equal(xor.targets == 1, xor.inputs.prod(axis=1) < 0)
    sine = load({"kind": "synthetic", "pattern": {"kind": "sine", "noise": 0, "periods": 3}}).source.parts["all"]
    assert np.allclose(sine.targets, np.sin(3 * sine.inputs[:, 0]))
    spiral = load({"kind": "synthetic", "pattern": {"kind": "spirals", "noise": 0}}).source.parts["all"]
    assert np.hypot(*spiral.inputs.T).max() <= 1
