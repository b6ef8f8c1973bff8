"""Which names are fields, what they may hold, and what is suggested instead of an unknown one."""

from typing import get_args

import pytest

from logbook.errors import UsageError
from logbook.store.search import search_runs
from logbook.store.search.fields import ALIASES, ATTRIBUTES, STATUSES
from logbook.store.search.promised import config_paths, metric_names
from logbook.store.search.unmatched import unmatched_values
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


@pytest.mark.parametrize(
    ("field", "value", "caret"),
    [("lr", "abc", 3), ("optimizer.lr", '"1e-3"', 13), ("training.epochs", "2h", 16), ("patience", "null", 9)],
)
@pytest.mark.parametrize("is_empty", [True, False])
def test_a_setting_that_is_a_number_has_no_order_with_text(book, field, value, caret, is_empty):
    if not is_empty:
        book.add(config={"optimizer": {"lr": 0.1}, "training": {"epochs": 3, "early_stopping": {"patience": 3}}})
    for operator in ("<", "<=", ">", ">="):
        with pytest.raises(UsageError) as caught:
            search_runs(book.connection, f"net {field}{operator}{value}")
        what, _, pointer, *_ = str(caught.value).split("\n")
        assert what.startswith(f"{field}: expected a number, got ")
        assert pointer == " " * (2 + 4 + caret + len(operator) - 1) + "^"
    assert search_runs(book.connection, f"{field}={value}") == []


@pytest.mark.parametrize("query", ["optimizer.kind<sgd", "values.step<abc", "hypothesis<b", "data.inputs[0].kind>a"])
def test_what_may_be_text_is_ordered_with_text(book, query):
    book.add(config={"values": {"step": 3}})
    assert search_runs(book.connection, query) == []


UNMATCHED = [
    ("optimizer.kind=adm", "no run has optimizer.kind 'adm'; did you mean 'adam'?"),
    ("optimizer=adm lr<1", "no run has optimizer.kind 'adm'; did you mean 'adam'?"),
    ("model:mpl or model:mlpp", "no run has model.kind 'mpl'; did you mean 'mlp'?"),
    (
        "task=zzz",
        "no run has task 'zzz'; it is one of binary, classification, language-model, metric-learning, multilabel,"
        " reconstruction, regression",
    ),
    ("data.inputs[3].kind=standardise", "no run has data.inputs[3].kind 'standardise'; did you mean 'standardize'?"),
    ("dataset=digts", "no run has data.source.dataset 'digts'; did you mean 'digits'?"),
    ("data=digts", "no run has data 'digts'; did you mean 'digits'?"),
    ("rule:unscaled-input", "no run has a finding of rule 'unscaled-input'; did you mean 'unscaled-inputs'?"),
    ("rule:zzzzzz", "no run has a finding of rule 'zzzzzz'; 'logbook rule' lists them"),
    ("lr=fast", "lr is a number; 'fast' is none"),
    ('lr="1e-3"', "lr is a number; '1e-3' is text, being in quotes"),
    ("lr~1", "lr is a number, and ~ looks into text; write =, < or >"),
    ("hidden=32", "hidden is a list, such as [32,8]: compare it whole with =, or look into it with ~"),
    ("hidden>10", "hidden is a list, such as [32,8]: compare it whole with =, or look into it with ~"),
    ("name=digits-mpl", "no run has the name 'digits-mpl'; did you mean 'digits-mlp'?"),
    ("tag:DRAFT", "no run has the tag 'DRAFT'; did you mean 'draft'?"),
    ("r1 zzz", "'r1' was looked for in the text; the run itself is id=r1"),
    ("amber-heron", "'amber-heron' was looked for in the text; the run itself is words=amber-heron"),
    ("lr 1e-3", "'lr' was looked for as a word; the field lr is asked with an operator: lr=…"),
    (
        "zzz or (status crashed)",
        "'status' was looked for as a word; the field status is asked with an operator: status=…",
    ),
]


@pytest.mark.parametrize(("query", "remark"), UNMATCHED, ids=[row[0] for row in UNMATCHED])
def test_a_value_that_no_run_can_have_is_remarked_on(book, query, remark):
    book.add(
        config={"optimizer": {"kind": "adam"}, "model": {"hidden": [32, 8]}}, name="digits-mlp", tags=("draft", "x")
    )
    assert search_runs(book.connection, query) == []
    assert unmatched_values(book.connection, query)[0] == remark


@pytest.mark.parametrize(
    "query",
    [
        "optimizer=sgd",  # a kind there is, though no run has it
        "optimizer=elsewhere lr>5",  # a kind that a run of another release has
        "not optimizer=adm",
        "optimizer!=adm",
        "optimizer~adm",
        "data=my/file.csv",
        "values.kind=adm",
        "name=adm",
        "adm",
        "tag:adm",
        "rule:D101",
        "rule:gone-since",
        '"lr"',
        "not lr",
        "patience=null",
        "hidden=[32]",
        "hidden!=32",
        "values.widths=3",  # one run has a number there
        "name=net zzz",
    ],
)
def test_what_a_run_may_have_is_not_remarked_on(book, query):
    book.add(config={"optimizer": {"kind": "elsewhere"}, "values": {"kind": "a"}}, findings=(("D9", "gone-since", ""),))
    book.add(config={"values": {"widths": [1]}})
    book.add(config={"values": {"widths": 1}})
    assert unmatched_values(book.connection, query) == ()


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
    ("val_loss@0<1", "epochs count from 1: val_loss@1"),
    ("accuracy@00<1", "epochs count from 1: accuracy@1"),
    ("08:40", "a time of day stands behind its date with a T: 2026-11-01T08:30"),
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


def test_a_name_with_blanks_that_is_cut_in_two_is_told_whole(book):
    book.add(config={"values": {"my step": 3}})
    with pytest.raises(UsageError) as caught:
        search_runs(book.connection, "net values.my step=3")
    assert str(caught.value).splitlines()[-1] == 'a name with blanks is written in quotes: "values.my step"'
    with pytest.raises(UsageError, match="did you mean"):
        search_runs(book.connection, "net stats=3")


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
    ("started>-36h", "how long ago is asked with age: age<36h", 8),
    ("ended<4w", "how long ago is asked with age: age<4w", 6),
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
    ("hidden=[32", "expected a list such as [256,128], got '[32'", 7),
    ("hidden!=[a,b]", "in quotes it is text", 8),
    ("lr ≤ 1e-3", "'≤' is no operator of a query", 3),
    ("lr≥1e-3", "'≥' is no operator of a query", 2),
    ("net && lr", "'&&' is no operator of a query", 4),
    ("net | lr", "'|' is no operator of a query", 4),
]


@pytest.mark.parametrize(("query", "said", "place"), WRONG, ids=[row[0] for row in WRONG])
def test_a_value_or_operator_that_says_nothing_is_an_error_at_its_place(book, query, said, place):
    with pytest.raises(UsageError) as caught:
        search_runs(book.connection, query)
    what, _, caret = str(caught.value).split("\n")[:3]
    assert said in what
    assert caret.index("^") - 2 == place
