"""docs/search.md is true: every row of its tables is run, and its lists are the code's lists."""

import json
import re
from pathlib import Path

import pytest

from logbook.store.search import search_runs
from logbook.store.search.columns import read_columns
from logbook.store.search.fields import ALIASES, ATTRIBUTES, WORD_FIELDS

DOCS = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")


def table(first_cell):
    """Return the rows, as lists of cells, of the table whose heading begins with `first_cell`."""
    lines = iter(DOCS.splitlines())
    for line in lines:
        if line.startswith(f"| {first_cell} |"):
            break
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("| ").split(" | ")])
    return rows


TRUTH = table("the run has")


def test_the_truth_table_is_found_whole():
    assert len(TRUTH) == DOCS.count("| yes | no |") + DOCS.count("| no | yes |") >= 60


@pytest.mark.parametrize(("has", "term", "matches", "negated"), TRUTH, ids=[f"{row[0]}: {row[1]}" for row in TRUTH])
def test_the_truth_table_holds(book, has, term, matches, negated):
    book.add(**described(has))
    query = term.strip("`")
    assert search_runs(book.connection, query) == ([1] if matches == "yes" else [])
    assert search_runs(book.connection, f"not {query}") == ([1] if negated == "yes" else [])


ATTRIBUTES_OF_A_RUN = {
    **{name: name for name in ("name", "status", "outcome", "seed", "seconds", "config_hash")},
    "started": "started_at",
}


def described(has):
    if has == "nothing":
        return {}
    field, epochs, value = re.fullmatch(r"`([^`]+)` (epochs )?(.+)", has).groups()
    leaf = json.loads(value)
    if field in ATTRIBUTES_OF_A_RUN:
        return {ATTRIBUTES_OF_A_RUN[field]: leaf}
    if field == "rule":
        return {"findings": (("G201", leaf, ""),)}
    if field == "note":
        return {"notes": (leaf,)}
    if epochs:
        return {"curves": {field: tuple(leaf)}}
    if field == "val_loss":
        return {"metrics": {"val_loss": float(leaf)}}
    if field == "tag":
        return {"tags": (leaf,)}
    config = leaf
    for part in reversed(field.split(".")):
        config = {part: config}
    return {"config": config}


def test_the_alias_table_is_the_codes():
    written = {alias.strip("`"): tuple(re.findall(r"`([^`]+)`", paths)) for alias, paths in table("alias")}
    assert written == ALIASES


def test_every_attribute_and_word_field_is_documented():
    listed = DOCS[DOCS.index("## Fields") : DOCS.index("3. **Aliases**")]
    assert {*ATTRIBUTES, *WORD_FIELDS} <= set(re.findall(r"`([a-z_]+)`", listed))


def test_the_example_queries_mean_something(book):
    queries = re.findall(r"logbook search '([^']+)'", DOCS)
    assert len(queries) == 5
    for query in queries:
        assert "@stuck" in query or search_runs(book.connection, query) == []


def test_the_example_columns_are_fields(book):
    columns = [one.strip("`") for one in re.findall(r"--columns ([^\s`]+)", DOCS)]
    assert len(columns) == 3
    book.add(config={"data": {"split": {"seed": 0}}})
    for one in columns:
        assert read_columns(book.connection, [1], one)[0] == tuple(one.split(","))
