"""Random configs and queries, and those that were once found to break something: `make fuzz` looks for more."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logbook.store import open_reader
from logbook.store.reader import Reader
from logbook_schemas.reading import read_json
from tests.cli.books import ROOT, make_book
from tests.fuzz.holding import CORPUS, config_holds, search_holds

CONFIGS = sorted((CORPUS / "config").iterdir())
EXAMPLES = sorted(ROOT.glob("examples/*/[a-z]*.json"))
QUERIES = sorted((CORPUS / "search").iterdir())

# Seeds in whole, cut, and put together; then what a writer's slip makes of them.
CONFIG_PIECES = st.sampled_from(
    [
        *('{"model": {"kind": "mlp", "hidden": [4]}}', '"task": "binary"', '"optimizer": "adam"', '"lr": ', "1e-3"),
        *("{", "}", "[", "]", ",", ":", '"', "null", "NaN", "//", "/*", "*/", "\n", "\\", "\\u0000", "\ufeff", "1e999"),
    ]
)
QUERY_PIECES = st.sampled_from(
    [
        *("lr", "val_loss.best", "optimizer.kind", "tag", "status", "age", "started", "name", "note", "metrics"),
        *("<", ">=", "=", "!=", "~", ":", "(", ")", '"', "'", " ", " and ", " or ", " not ", "\\", "*", "%", "--"),
        *("1e-3", "4w", "2026-11-01", "nan", "[1,2]", "adam", "running", "true", "null", "é", "\u202e", "9" * 40),
    ]
)


ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(True, False, 0, -1, 2**53 - 1, 1e308, -0.0, 5e-324, 0.5, "", "mlp", "adam", "\u202e", "a" * 5000, "val_loss"),
        *([], [[]], {}, [None], [1, "a"], [{}], [-1], {"": 1}, {"a.b": {"c": []}}, {"kind": None}, {"kind": ["a"]}),
        *("none", "auto", "best", {"kind": "python"}, {"kind": "python", "target": "a:b"}, {"kind": "step"}),
    ]
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with open_reader(make_book(tmp_path_factory.mktemp("book") / ".logbook")) as opened:
        yield opened


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.name)
def test_the_corpus_of_configs_holds(file: Path) -> None:
    """What is called good means something, what is called bad is refused."""
    assert config_holds(file.read_bytes()) == file.name.startswith("good")


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.name)
def test_the_corpus_of_queries_holds(reader: Reader, file: Path) -> None:
    assert search_holds(reader, file.read_bytes().decode("utf-8", "surrogateescape")) == file.name.startswith("good")


def mutated(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return seeds with a stretch of bytes taken out and another put in its place."""

    def change(seed: bytes, at: float, length: int, piece: bytes) -> bytes:
        place = int(at * len(seed))
        return seed[:place] + piece + seed[place + length :]

    return st.builds(change, st.sampled_from(seeds), st.floats(0, 1), st.integers(0, 12), st.binary(max_size=8) | _BITS)


_BITS = CONFIG_PIECES.map(str.encode)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    mutated([file.read_bytes() for file in CONFIGS])
    | st.lists(CONFIG_PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode())
    | st.binary(max_size=60)
)
def test_any_config_is_read_or_refused_with_its_place(source: bytes) -> None:
    config_holds(source)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from([read_json(file.read_bytes(), name=file.name).value for file in EXAMPLES]),
    st.lists(st.tuples(st.floats(0, 1), ODD_VALUES | st.none(), st.booleans()), min_size=1, max_size=3),
)
def test_an_example_with_odd_values_in_it_is_read_or_refused_with_its_place(
    config: dict[str, Any], changes: list[tuple[float, Any, bool]]
) -> None:
    config = copy.deepcopy(config)
    for at, value, is_taken_out in changes:
        parent, key = _place_in(config, at)
        if is_taken_out:
            del parent[key]
        else:
            parent[key] = copy.deepcopy(value)
    config_holds(json.dumps(config, indent=1).encode())


def _place_in(config: dict[str, Any], at: float) -> tuple[Any, Any]:
    """Return one of the places of a config, `at` from 0 to 1, as what it lies in and its key there."""
    found: list[tuple[Any, Any]] = []
    due: list[Any] = [config]
    while due:
        value = due.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        found += [(value, key) for key in keys]
        due += [value[key] for key in keys]
    return found[min(int(at * len(found)), len(found) - 1)] if found else (config.setdefault("x", {}), "y")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=mutated([file.read_bytes() for file in QUERIES]).map(lambda source: source.decode("utf-8", "surrogateescape"))
    | st.lists(QUERY_PIECES, max_size=25).map("".join)
    | st.text(max_size=40)
)
def test_any_query_is_answered_or_refused_with_its_place(reader: Reader, text: str) -> None:
    search_holds(reader, text)


@pytest.mark.parametrize("opening", ['{"a":', "[", '{"a":[', "/*", "[//\n", '["', "-", '{"a":{"kind":'])
def test_a_config_of_one_opening_a_hundred_thousand_times_is_refused(opening: str) -> None:
    assert not config_holds((opening * 100_000).encode())


@pytest.mark.parametrize(
    "piece", ["(", "not ", "a or ", "a(", "(a or (b and ", '"', "'", "a=", "[", "a~[", "\\", "lr<"]
)
@pytest.mark.parametrize("count", [19, 150, 1_900, 100_000])
def test_a_query_of_one_piece_over_and_over_is_refused_or_answered(reader: Reader, piece: str, count: int) -> None:
    search_holds(reader, piece * count)
