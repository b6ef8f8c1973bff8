"""The nearest right spelling."""

from __future__ import annotations

import pytest

from logbook_schemas.reading import nearest

WORDS = ["adam", "adamw", "sgd", "cross-entropy", "val_loss", "batch_size", "L1"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("adm", "adam"),
        ("Adam", "adam"),
        ("AdamW", "adamw"),
        ("sdg", "sgd"),
        ("cross_entropy", "cross-entropy"),
        ("CrossEntropyLoss", "cross-entropy"),
        ("val-loss", "val_loss"),
        ("batchsize", "batch_size"),
        ("l1", "L1"),
        ("cro", "cross-entropy"),
        ("cr", None),
        ("resnet", None),
        ("", None),
    ],
)
def test_the_nearest_word_is_found_whatever_its_case_and_separators(word, meant):
    assert nearest(word, WORDS) == meant


def test_nothing_is_near_when_there_is_nothing():
    assert nearest("adam", []) is None


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("kaiming", ["default", "he", "xavier"], "he"),
        ("Glorot", ["default", "he", "xavier"], "xavier"),
        ("swish", ["relu", "silu"], "silu"),
        ("mae", ["l1", "mse"], "l1"),
        ("mae", ["mae", "l1"], "mae"),
        ("kaiming", ["relu", "silu"], None),
    ],
)
def test_another_name_of_the_field_means_the_kind(word, candidates, meant):
    assert nearest(word, candidates) == meant
