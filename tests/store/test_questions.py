"""Questions to a real store: runs that go on are found like those that ended, and what is asked often has an index."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logbook.store import open_reader, open_writer
from logbook.store.search import catalog
from logbook.store.search.catalog import Catalog
from logbook.store.search.compile import compile_query
from logbook.store.search.language import parse_query
from logbook.store.verify import rebuild, verify
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.store.making import begin, config, epoch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of six runs that ended."""
    with open_writer(tmp_path) as writer:
        for place in range(6):
            run = begin(writer, config(optimizer={"kind": "adam", "lr": 10.0 ** -(place + 1)})).number
            writer.append_epoch(run, 1, epoch(1, val_loss=1.0 + place))
            writer.end_attempt(run, 1, status="finished")
    return tmp_path


@pytest.mark.parametrize("few", [-1, 1_000])
def test_a_run_that_goes_on_is_found_with_its_newest_epoch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(catalog, "_FEW", few)
    with open_writer(folder) as writer, open_reader(folder) as reader:
        going = begin(writer).number
        for place, loss in enumerate((5.0, 0.5, 0.25), start=1):
            writer.append_epoch(going, 1, epoch(place, val_loss=loss))
            # The summary follows ten times a second at most: the later epochs are behind it.
            found = [run.number for run in reader.search("val_loss>0", sort="val_loss", limit=3)]
            assert found == ([going, 1, 2] if loss < 1 else [1, 2, 3])
            assert [run.number for run in reader.search(f"val_loss={loss} val_loss.last={loss}")][:1] == [going]
            names, cells = reader.columns([going], f"val_loss,val_loss.last,val_loss@{place},best,status")
            assert names[0] == "val_loss"
            assert cells == [(loss, loss, loss, loss, "crashed")]
        assert reader.search("best<0.3", sort="best", limit=1)[0].number == going


@pytest.mark.parametrize(
    ("query", "sort", "index"),
    [
        ("id>0", "val_loss", "metric_extent_best"),
        ("lr<1 val_loss<9", "-accuracy.last", "metric_extent_last"),
        ("id>0", "lr", "config_leaf_num"),
        ("id>0", "-best", "summary_best"),
        ("id>0", "seconds", "summary_seconds"),
    ],
)
def test_a_sort_walks_an_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch, query: str, sort: str, index: str
) -> None:
    monkeypatch.setattr(catalog, "_FEW", -1)
    with open_reader(folder) as reader, reader.connection() as raw:
        compiled = compile_query(parse_query(query), Catalog(raw), now=datetime.now(UTC), sort=sort, limit=3)
        assert compiled.walk is not None
        plan = [str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {compiled.walk[0]}", compiled.walk[1])]
        assert index in plan[0]
        assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("lr=0.1", "config_leaf_num"),
        ("optimizer=adagrad", "config_leaf_txt"),
        ("val_loss<0", "metric_extent_best"),
        ("val_loss.last<0", "metric_extent_last"),
        ("best<0", "summary_best"),
        ("name=nobody", "summary_name"),
        ("outcome=dead-end", "summary_outcome"),
        ("status=diverged", "summary_status"),
        ("tag=x", "summary_tags"),
        ("words=a-b", "sqlite_autoindex_run"),
        ("config_hash=abcdef", "summary_config"),
        ("rule=D101", "finding_"),
    ],
)
def test_what_few_runs_have_is_found_through_an_index(folder: Path, query: str, index: str) -> None:
    with open_reader(folder) as reader, reader.connection() as raw:
        compiled = compile_query(parse_query(query), Catalog(raw), now=datetime.now(UTC), limit=50)
        plan = [str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.parameters)]
        assert any(index in step for step in plan), plan


def test_words_that_match_are_those_of_the_newest_text(folder: Path) -> None:
    with open_writer(folder) as writer, open_reader(folder) as reader:
        assert reader.matching_words("exploded", [1, 2]) == {}
        writer.add_journal(2, JournalEntry(kind="note", text="it exploded"))
        assert reader.matching_words("exploded or lr<1", [1, 2]) == {2: "it [exploded]"}
        assert [run.number for run in reader.search("exploded")] == [2]


def test_the_newest_search_of_a_name_stands_and_an_empty_one_takes_it_back(folder: Path) -> None:
    with open_writer(folder) as writer, open_reader(folder) as reader:
        assert reader.saved_searches() == ()
        writer.save_search(SavedSearch(name="b", query="lr<1", sort="-lr", columns="lr", author="me"))
        writer.save_search(SavedSearch(name="a", query="lr<2"))
        writer.save_search(SavedSearch(name="b", query="lr<3"))
        assert [(one.name, one.query, one.sort) for one in reader.saved_searches()] == [
            ("a", "lr<2", ""),
            ("b", "lr<3", ""),
        ]
        assert reader.saved_searches()[0].at.endswith("Z")
        writer.save_search(SavedSearch(name="a", query=""))
        assert [one.name for one in reader.saved_searches()] == ["b"]
    rebuild(folder)
    assert verify(folder) == []
    with open_reader(folder) as reader:
        assert [one.query for one in reader.saved_searches()] == ["lr<3"]
