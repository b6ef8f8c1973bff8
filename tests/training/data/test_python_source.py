"""The person's own data: arrays, splits and Datasets, and what else a function may return."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError, DataError, UserCodeError

PYTHON_MODEL = {"kind": "python", "target": "nets:net"}


def test_a_pair_of_arrays_is_split_as_the_config_says(load, person):
    source = person("def data():\n    return np.arange(40.0).reshape(20, 2), np.arange(20) % 2\n")
    loaded = load(source, task="classification", split={"validation": 0.25})
    assert (len(loaded.train), len(loaded.validation)) == (15, 5)


@pytest.mark.parametrize(
    "made",
    [
        "torch.arange(20.).requires_grad_()",
        "torch.arange(20).bfloat16()",
        "list(range(20))",
        "np.arange(20, dtype='f2')",
        "__import__('pandas').DataFrame({'a': range(20)})",
    ],
)
def test_tensors_lists_and_tables_are_arrays(load, person, made):
    loaded = load(person(f"def data():\n    return {made}, [0, 1] * 10\n"), task="classification")
    assert loaded.train.inputs.dtype == torch.float32
    assert loaded.train.inputs.reshape(-1).tolist() == loaded.train.rows.tolist()


def test_whole_numbers_stay_whole_for_a_persons_own_model(load, person):
    source = person("def data():\n    return np.arange(60, dtype='i4').reshape(20, 3), np.arange(20) % 2\n")
    assert load(source, task="classification", model=PYTHON_MODEL).train.inputs.dtype == torch.int64
    assert load(source, task="classification").train.inputs.dtype == torch.float32
    scaled = load(source, task="classification", model=PYTHON_MODEL, inputs=["standardize"])
    assert scaled.train.inputs.dtype == torch.float32


def test_given_splits_win_over_the_config_and_it_is_said(load, person):
    code = "def data():\n    x, y = np.arange(20.)[:, None], np.arange(20) % 2\n"
    loaded = load(
        person(code + "    return {'train': (x[:12], y[:12]), 'validation': (x[12:], y[12:])}\n"),
        task="classification",
        split={"validation": 0.5, "test": 0.25},
    )
    assert loaded.validation.inputs[:, 0].tolist() == list(range(12, 20))
    assert loaded.validation.rows.tolist() == list(range(8))
    assert (len(loaded.train), len(loaded.test)) == (9, 3)
    assert loaded.notes[0].endswith("gives its own validation split; the config's share of 0.5 is not drawn")


def test_a_class_in_validation_only_is_loaded_and_counted(probe, person):
    code = "def data():\n    x = np.arange(10.)[:, None]\n"
    record = probe(
        person(code + "    return {'train': (x, [0, 1] * 5), 'validation': (x[:3], [0, 1, 2])}\n"),
        task="classification",
    )
    assert record.classes == ("0", "1", "2")
    assert record.splits["train"].class_counts == (5, 5, 0)
    assert record.splits["validation"].class_counts == (1, 1, 1)
    assert np.isfinite(record.baseline["val_loss"])


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("None", "returned an object of type NoneType; expected (inputs, targets)"),
        ("np.ones((3, 2))", "returned an object of type ndarray and shape (3, 2); expected (inputs, targets)"),
        ("(1, 2, 3)", "returned a tuple of 3; expected"),
        ("{'validation': 1}", "returned a dict without 'train' (it holds validation)"),
        ("{'train': 1, 'valid': 2}", "returned a dict with 'valid'; expected train, validation, test"),
        ("{'train': (np.ones(3), np.ones(3)), 'test': 4}", "returned an object of type int as 'test'"),
        ("(np.ones(3), np.ones(2))", "3 inputs and 2 targets"),
        ("(np.array([{}, {}], dtype=object), [0, 1])", "holds Python objects (dict)"),
        ("([[1], [1, 2]], [0, 1])", "can't be read as an array"),
        ("{'train': (np.ones((4, 2)), [0, 1] * 2), 'test': (np.ones((4, 3)), [0, 1] * 2)}", "different shape"),
        ("type('Own', (torch.utils.data.IterableDataset,), {'__iter__': None})()", "a Dataset without a length"),
        ("torch.utils.data.TensorDataset(torch.ones(0, 2), torch.ones(0))", "an empty Dataset"),
        ("torch.utils.data.TensorDataset(torch.ones(9, 2))", "is a tuple of 1; expected (input, target)"),
    ],
)
def test_what_is_no_data_is_refused_with_what_was_returned(load, person, returned, expected):
    source = person(f"def data():\n    return {returned}\n")
    with pytest.raises(DataError) as caught:
        load(source, task="classification", split={"stratify": False})
    assert expected in str(caught.value)
    assert source["target"] in str(caught.value) or "Dataset" in str(caught.value)


def test_a_persons_error_keeps_its_traceback(load, person):
    with pytest.raises(UserCodeError, match="ZeroDivisionError") as caught:
        load(person("def data():\n    return 1 / 0\n"), task="regression")
    assert "return 1 / 0" in caught.value.traceback_text


def test_an_error_inside_a_dataset_is_the_persons(load, person):
    code = "class Own(torch.utils.data.Dataset):\n    def __len__(self): return 9\n"
    code += "    def __getitem__(self, i): return {}['missing']\ndef data():\n    return Own()\n"
    with pytest.raises(UserCodeError, match="reading example 0 of the Dataset Own raised KeyError") as caught:
        load(person(code), task="regression", split={"validation": 0.0})
    assert "streams.py" not in caught.value.traceback_text


def test_a_module_that_is_not_there_and_wrong_arguments_are_config_errors(load, person):
    with pytest.raises(ConfigError, match="no module 'nowhere_at_all'"):
        load({"kind": "python", "target": "nowhere_at_all:data"}, task="regression")
    with pytest.raises(ConfigError, match="has no parameter 'rows'"):
        load(person("def data(n=1):\n    pass\n") | {"kwargs": {"rows": 3}}, task="regression")
