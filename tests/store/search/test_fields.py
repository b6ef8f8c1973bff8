"""Which names are fields, what they may hold, and what is suggested instead of an unknown one."""

from typing import get_args

import pytest

from logbook.errors import UsageError
from logbook.store.search import search_runs
from logbook.store.search.fields import ALIASES, ATTRIBUTES, STATUSES
from logbook.store.search.promised import config_paths, metric_names
from logbook_schemas.records.runs import OUTCOMES, Status


def test_closed_lists_are_those_of_the_records():
    assert get_args(Status) == STATUSES
    assert ATTRIBUTES["outcome"].choices == OUTCOMES


def test_every_alias_stands_for_paths_of_the_config_language():
    assert {path for paths in ALIASES.values() for path in paths} <= config_paths()
    assert len(ALIASES) >= 10


def test_what_comes_with_logbook_may_be_asked_for_in_an_empty_store(book):
    promised = sorted(path.replace("[0]", "[3]") for path in config_paths())
    assert len(promised) > 60
    for field in [*promised, *metric_names(), "val_loss.last", "accuracy.first", "optimizer", "metrics[1]"]:
        assert search_runs(book.connection, f'"{field}"=1' if field not in ATTRIBUTES else "id=1") == []


UNKNOWN = [
    ("momentun=3", "momentum"),
    ("optimizer.momentun=3", "optimizer.momentum"),
    ("label_smoothing=0.1", "loss.label_smoothing"),
    ("batchsize=3", "batch_size"),
    ("LR=3", "lr"),
    ("val_los.last<3", "val_loss.last"),
    ("acuracy<3", "accuracy"),
    ("widht=3", "model.kwargs.width"),
    ("model.kwargs.widht=3", "model.kwargs.width"),
    ("my_scor>1", "my_score"),
    ("training=3", "training.batch_size"),
    ("statsu:failed", "status"),
    ("-tag:x", "write: not tag"),
]


@pytest.mark.parametrize(("query", "suggested"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_an_unknown_field_is_an_error_with_suggestions(book, query, suggested):
    book.add(config={"model": {"kwargs": {"width": 3}}}, metrics={"accuracy": 0.5, "my_score": 1.0})
    with pytest.raises(UsageError) as caught:
        search_runs(book.connection, f"net {query}")
    what, _, caret, hint = str(caught.value).split("\n")
    assert "unknown field" in what
    assert caret == " " * 6 + "^"
    assert suggested in hint


@pytest.mark.parametrize("field", ["model.kwargs.width", "values.step", "checks.ignore.D101", "zzz", "meaning.lr"])
def test_a_free_key_that_no_run_has_is_unknown(book, field):
    with pytest.raises(UsageError, match="unknown field"):
        search_runs(book.connection, f"not {field}=1")


def test_a_free_key_that_some_run_has_is_known_and_never_shadows_an_alias(book):
    book.add(config={"values": {"lr": 3, "my step": 5}}, kind="own")
    book.add(config={"optimizer": {"lr": 1}})
    assert search_runs(book.connection, "values.lr=3") == [1]
    assert search_runs(book.connection, '"values.my step">4') == [1]
    assert search_runs(book.connection, "lr>0") == [2]


WRONG = [
    ("val_loss<abc", "expected a number, got 'abc'", 9),
    ("val_loss<1e999", "beyond what a number", 9),
    ("lr<1e999", "beyond what a number", 3),
    ("seed~1", "seed is a number", 0),
    ("version=two", "expected a number", 8),
    ("id=abc", "r42", 3),
    ("status:divergd", "did you mean diverged", 7),
    ("outcome=deadend", "did you mean dead-end", 8),
    ("status<failed", "is one of", 0),
    ("started>yesterday", "2026-11-01", 8),
    ("started>2026-02-30", "is no date", 8),
    ("started=9999", "is no date", 8),
    ("started>0001-01-01T00:00+10:00", "beyond", 8),
    ("started~2026", "started=2026-11", 0),
    ("age>4", "4w", 4),
    ("age>99999999999y", "beyond", 4),
    ("config_hash=xyz1", "4 digits", 12),
    ("config_hash=abc", "4 digits", 12),
    ("config_hash~abcd", "is a hash", 0),
    ("tag<a", "has no order", 0),
    ("--", "no letter or digit", 0),
]


@pytest.mark.parametrize(("query", "said", "place"), WRONG, ids=[row[0] for row in WRONG])
def test_a_value_or_operator_that_says_nothing_is_an_error_at_its_place(book, query, said, place):
    with pytest.raises(UsageError) as caught:
        search_runs(book.connection, query)
    what, _, caret = str(caught.value).split("\n")[:3]
    assert said in what
    assert caret.index("^") - 2 == place
