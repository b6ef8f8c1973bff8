"""What is quick answers as what is slow does; metrics at an epoch, columns, relevance."""

import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from logbook.errors import UsageError
from logbook.store.search import catalog, search_runs
from logbook.store.search.catalog import Catalog
from logbook.store.search.columns import read_columns
from logbook.store.search.compile import compile_query
from logbook.store.search.language import parse_query
from logbook.store.search.relevance import matching_words
from tests.store.search import test_search as naive

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def search(book, query, crashed=(), **options):
    return search_runs(book.connection, query, now=NOW, crashed=lambda: crashed, **options)


def values(book, columns, numbers=None, crashed=()):
    return read_columns(book.connection, numbers or sorted(book.runs), columns, now=NOW, crashed=lambda: crashed)


@pytest.fixture(params=[-1, 3])
def few(request, monkeypatch):
    """What counts as few: nothing, so that each run is asked, or up to three runs."""
    monkeypatch.setattr(catalog, "_FEW", request.param)


class TestCommon:
    @settings(max_examples=150, deadline=None, suppress_health_check=["function_scoped_fixture"])
    @given(query=naive.TestNaive.queries)
    def test_what_many_runs_have_is_found_as_what_few_have(self, crowd, few, query):
        try:
            found = search(crowd, query, crashed=naive.CRASHED)
        except UsageError:
            return
        assert found == naive.naively(crowd, query), query


SORTS = ["val_loss", "-val_loss", "val_loss.last", "lr", "-lr", "best", "-best", "seconds", "accuracy.first"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("query", ["id>0", "seconds>1", "not seed=1 or name=net", "lr<5", "val_loss<9 seconds<70"])
def test_the_first_few_are_those_of_all(crowd, few, sort, query):
    everything = search(crowd, query, sort=sort, crashed=naive.CRASHED)
    for limit in (1, 3, 7, 39, 100):
        assert search(crowd, query, sort=sort, limit=limit, crashed=naive.CRASHED) == everything[:limit]


def test_a_sort_along_an_index_walks_it_unless_few_runs_match(crowd, monkeypatch):
    def walks(query, sort):
        compiled = compile_query(parse_query(query), Catalog(crowd.connection), now=NOW, sort=sort, limit=5)
        return compiled.walk is not None

    assert not walks("lr<5", "val_loss")
    monkeypatch.setattr(catalog, "_FEW", 3)
    assert all(walks("lr<5 seconds>1", sort) for sort in ("val_loss", "-accuracy.last", "lr", "best"))
    assert walks("lr<5", "seconds")
    assert not walks("lr<5", "seed")
    assert not walks("lr<5 name=nobody", "val_loss")
    assert walks("lr<5 not name=nobody", "val_loss")


def test_runs_that_go_on_are_among_the_first_few(new_book, monkeypatch):
    monkeypatch.setattr(catalog, "_FEW", -1)
    book = new_book()
    for place in range(9):
        book.add(metrics={"val_loss": 1.0 + place})
    going = book.add(status="running", metrics={"val_loss": 0.5})
    # As in a store, where the numbers of a run that goes on stand in its summary alone.
    book.connection.executescript(
        "CREATE TABLE live AS SELECT * FROM metric_extent WHERE run_id = 10;"
        "DELETE FROM metric_extent WHERE run_id = 10; DROP VIEW live_metric;"
        "CREATE VIEW live_metric AS SELECT * FROM live;"
    )
    assert search(book, "id>0", sort="val_loss", limit=3) == [going, 1, 2]
    assert search(book, "id>0", sort="best", limit=3) == [going, 1, 2]
    assert search(book, "id>0", sort="-val_loss", limit=3) == [9, 8, 7]


@pytest.fixture
def curves(book):
    """A run of four epochs, one with a NaN and an infinity, one that has no epoch."""
    book.add(curves={"val_loss": (0.9, 0.5, 0.4, 0.6), "f1": (0.1, 0.2, 0.3, 0.4), "recall@10": (1.0, 2.0, 3.0, 4.0)})
    book.add(curves={"val_loss": (0.8, math.nan), "f1": (0.3, math.inf)})
    book.add()
    book.connection.execute("UPDATE metric_extent SET best = 9.0 WHERE run_id = 1 AND name IN ('f1', 'recall@10')")
    return book


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("val_loss@1<0.85", [2]),
        ("val_loss@2<0.6", [1]),
        ("val_loss@2=nan", [2]),
        ("val_loss@2!=nan", [1]),
        ("f1@2>100", [2]),
        ("f1@2=inf", [2]),
        ("f1@2>=0.2", [2, 1]),
        ("f1@1<0.2", [1]),
        ("val_loss@1>0.85", [1]),
        ("val_loss@4=0.6", [1]),
        ("val_loss@4!=0", [1]),
        ("val_loss@5<9", []),
        ("not val_loss@4<9", [3, 2]),
        ("recall@10=9", [1]),
        ("recall@10@3=3", [1]),
        ('"val_loss@3"<1', [1]),
        ("accuracy@3>0", []),
    ],
)
def test_a_metric_is_compared_at_an_epoch(curves, query, numbers):
    assert search(curves, query) == numbers


def test_the_epoch_that_counts_is_the_one_trained_last_and_none_beyond_where_a_run_went_back_to(curves):
    curves.go_back(1, to=2, seq=10)
    assert search(curves, "val_loss@3>0") == []
    curves.train(1, 3, attempt=2, seq=11, val_loss=0.1)
    assert search(curves, "val_loss@3=0.1") == [1]
    assert search(curves, "val_loss@4>0") == []
    assert search(curves, "val_loss@2=0.5") == [1]


def test_an_epoch_sorts(curves):
    assert search(curves, "id>0", sort="val_loss@1") == [2, 1, 3]
    assert search(curves, "id>0", sort="-val_loss@1", limit=2) == [1, 2]


@pytest.mark.parametrize("field", ["val_los@3", "nothing@3", "val_loss@", "val_loss@x", "val_loss@1234567890"])
def test_an_epoch_of_what_nobody_measures_is_an_unknown_field(curves, field):
    with pytest.raises(UsageError, match="unknown field") as error:
        search(curves, f"{field}>0")
    if field == "val_los@3":
        assert "val_loss@3" in str(error.value)


def test_columns_are_what_runs_have_there(book):
    config = {"optimizer": {"kind": "adam", "lr": 1e-3}, "model": {"hidden": [64, 32], "bias": True}}
    source = {"data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    book.add(
        config={**config, **source},
        metrics={"val_loss": (0.9, 0.6, 0.5), "accuracy": math.nan},
        tags=("b", "a"),
        notes=("one", "two"),
        outcome="dead-end",
        curves={"val_loss": (0.9, math.nan)},
    )
    book.add(metrics={"val_loss": math.nan}, status="running", seed=None)
    names, rows = values(book, "id,status,lr,optimizer,hidden,model.bias,data,tag,note,outcome", crashed=[2])
    assert names == ("id", "status", "lr", "optimizer", "hidden", "model.bias", "data", "tag", "note", "outcome")
    one = ("r1", "finished", 0.001, "adam", [64, 32], True, "sklearn digits", "b a", "one; two", "dead-end")
    assert rows == [one, ("r2", "crashed", *(None,) * 8)]
    _, rows = values(book, "val_loss, val_loss.last ,val_loss@1,val_loss@2,accuracy,best,age,seed", [2, 1])
    assert repr(rows[0]) == "(nan, nan, None, None, None, nan, 950400.0, None)"
    assert repr(rows[1]) == "(0.5, 0.6, 0.9, nan, nan, 0.5, 950400.0, 0)"


def test_several_findings_stand_in_one_column_in_the_order_of_the_record(book):
    book.add(findings=(("L2", "flat-loss", "flat"), ("D1", "unscaled-inputs", "large"), ("L2", "flat-loss", "still")))
    assert values(book, "rule,finding")[1] == [("flat-loss unscaled-inputs", "flat; large; still")]


@pytest.mark.parametrize(
    ("columns", "said", "caret"),
    [
        ("lr,val_los", "unknown field 'val_los'", 3),
        ("", "a field is expected here", 0),
        ("lr,,seed", "a field is expected here", 3),
        ("lr val_loss", "a field is expected here", 0),
        ('lr,"open', "a field is expected here", 3),
        (",".join(["lr"] * 61), "the limit is 60", None),
    ],
)
def test_a_column_that_is_no_field_is_an_error_at_its_place(book, columns, said, caret):
    with pytest.raises(UsageError) as error:
        values(book, columns)
    lines = str(error.value).splitlines()
    assert said in lines[0]
    assert caret is None or lines[2].index("^") - 2 == caret


def test_a_path_with_a_comma_is_a_column_in_quotes(book):
    book.add(config={"values": {"a, b": 3}})
    assert values(book, 'name,"values.a, b"') == (("name", "values.a, b"), [("net", 3)])


def test_words_alone_are_ranked_by_relevance_and_a_sort_overrides(book):
    book.add(hypothesis="it exploded")
    book.add(config={"data": {"path": "exploded.csv"}})
    book.add(hypothesis="nothing special " * 30 + "exploded once among very many other words")
    book.add(notes=("exploded: it exploded again",))
    ranked = search(book, "exploded")
    assert sorted(ranked) == [1, 2, 3, 4]
    assert set(ranked[:2]) == {1, 4}
    assert search(book, "exploded", limit=2) == ranked[:2]
    assert search(book, "exploded", sort="-id") == [4, 3, 2, 1]
    assert search(book, "exploded id>0") == [4, 3, 2, 1]
    assert search(book, "not exploded or exploded") == [4, 3, 2, 1]
    assert sorted(search(book, "exploded not again")) == [1, 2, 3]
    assert search(book, '("exploded again" or special) not csv') in ([3, 4], [4, 3])


def test_words_are_ranked_as_they_are_found(crowd):
    dice = random.Random(3)
    words = ["net", "again", "flat", "steps", "adam", '"bad seed"', "depth"]
    for _ in range(60):
        query = f"{dice.choice(words)} {dice.choice(['or', 'and', 'not', 'and not'])} {dice.choice(words)}"
        assert sorted(search(crowd, query)) == sorted(search(crowd, f"({query}) id>0")), query


def test_behind_those_that_are_ranked_come_the_others_newest_first(book, monkeypatch):
    for module in ("run", "compile"):
        monkeypatch.setattr(f"logbook.store.search.{module}.MOST_RANKED", 3)
    for place in range(6):
        book.add(hypothesis="exploded " * (6 - place) + "and nothing else " * place)
    assert search(book, "exploded") == [4, 5, 6, 3, 2, 1]
    assert [search(book, "exploded", limit=limit) for limit in (0, 2, 3, 5)] == [[], [4, 5], [4, 5, 6], [4, 5, 6, 3, 2]]


def test_matching_words_are_shown_with_those_around_them(book):
    book.add(hypothesis="with a rate of a tenth\nthe loss Exploded after three epochs of training on all digits")
    book.add(name="quiet")
    words = lambda query: matching_words(book.connection, parse_query(query).root, [1, 2])  # noqa: E731
    assert words("exploded lr<1") == {1: "with a rate of a tenth the loss [Exploded] after…"}
    assert words('quiet or "the loss"').keys() == {1, 2}
    assert words("not exploded") == {}
    assert words("lr<1") == {}


def test_without_a_full_text_index_nothing_is_ranked_and_no_words_are_shown(new_book):
    book = new_book("plain")
    book.add(hypothesis="exploded")
    book.add(hypothesis="exploded, exploded")
    assert search(book, "exploded") == [2, 1]
    assert matching_words(book.connection, parse_query("exploded").root, [1, 2]) == {}
