"""Searches against a store: the same answer as a naive reading of the same tree, and nothing but answers."""

import contextlib
import json
import math
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.errors import UsageError
from logbook.store.search import search_runs
from logbook.store.search.catalog import Catalog
from logbook.store.search.compile import compile_query
from logbook.store.search.language import And, Comparison, Not, Or, Text, parse_query

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CRASHED = frozenset({1, 2, 5, 8, 13, 21, 34})


def search(book, query, crashed=(), **options):
    return search_runs(book.connection, query, now=NOW, crashed=lambda: crashed, **options)


class TestNaive:
    """A second reading of the language, in Python over the runs as described, without SQL."""

    FIELDS = ["lr", "optimizer", "hidden", "model.bias", "momentum", "val_loss", "val_loss.last", "accuracy.first"]
    FIELDS += [
        "best",
        "seed",
        "name",
        "hypothesis",
        "status",
        "outcome",
        "seconds",
        "id",
        "tag",
        "rule",
        "finding",
        "note",
    ]
    OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "~"]
    VALUES = ["1", "0.5", "1e-3", "nan", "inf", "-inf", "adam", "sgd", "true", "null", "[256]", "[256, 128]", '"1"']
    VALUES += ["net", "finished", "crashed", "running", "dead-end", "draft", "a_b", "D101", "flat-loss", '""', "50%"]
    VALUES += ['"255%"', "again", "A", "_", "%", "wide", "60", "2h"]

    terms = st.builds(
        "{}{}{}".format,
        st.sampled_from(FIELDS),
        st.sampled_from(OPERATORS),
        st.sampled_from(VALUES),
    )
    queries = st.recursive(
        terms,
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({}) or ({})".format, inner, inner),
            st.builds("({}) ({})".format, inner, inner),
        ),
        max_leaves=5,
    )

    @settings(max_examples=400, deadline=None)
    @given(query=queries)
    def test_sql_answers_as_a_naive_reading_does(self, crowd, query):
        try:
            found = search(crowd, query, crashed=CRASHED)
        except UsageError:
            return
        assert found == naively(crowd, query)

    @pytest.mark.parametrize("field", FIELDS)
    def test_every_field_answers_every_value_so(self, crowd, field):
        answered = 0
        for query in (f"{field}{operator}{value}" for operator in self.OPERATORS for value in self.VALUES):
            try:
                found = search(crowd, query, crashed=CRASHED)
            except UsageError:
                continue
            answered += 1
            assert found == naively(crowd, query), query
            assert sorted([*found, *search(crowd, f"not {query}", crashed=CRASHED)]) == sorted(crowd.runs)
        assert answered >= 10


def naively(book, query):
    tree = parse_query(query).root
    return [number for number in sorted(book.runs, reverse=True) if holds(tree, number, book.runs[number])]


ALIASES = {
    "lr": "optimizer.lr",
    "optimizer": "optimizer.kind",
    "hidden": "model.hidden",
    "momentum": "optimizer.momentum",
}


def holds(node, number, run):
    match node:
        case And(terms):
            return all(holds(term, number, run) for term in terms)
        case Or(terms):
            return any(holds(term, number, run) for term in terms)
        case Not(term):
            return not holds(term, number, run)
        case Text():
            raise NotImplementedError
        case Comparison(field, operator, value, _):
            return compared(field, operator, value, number, run)


def compared(field, operator, value, number, run):
    if field in ("tag", "rule", "finding", "note"):
        return some(field, operator, value.text, run)
    if field in ALIASES or field.startswith("model."):
        return setting(run.leaves, ALIASES.get(field, field), operator, value)
    if field in ("val_loss", "val_loss.last", "accuracy.first", "best"):
        name, _, moment = field.replace("best", "val_loss").partition(".")
        if name not in run.metrics:
            return False
        return ordered(run.measured(name)[["first", "last", ""].index(moment)], operator, float(value.text))
    have = {"id": number, "status": run.status, **{key: getattr(run, key) for key in ("seed", "seconds", "name")}}
    have |= {"hypothesis": run.hypothesis or None, "outcome": run.outcome}
    if have["status"] == "running" and number in CRASHED:
        have["status"] = "crashed"
    if have[field] is None:
        return False
    if isinstance(have[field], str):
        return ordered(have[field], operator, value.text)
    return ordered(have[field], operator, 7200.0 if value.text == "2h" else float(value.text))


def ordered(have, operator, wanted):
    if isinstance(have, float) and math.isnan(have):
        return operator == "=" and math.isnan(wanted)
    if operator == "~":
        return wanted.lower() in have.lower()
    tests = {"=": have == wanted, "!=": have != wanted, "<": have < wanted, ">": have > wanted}
    return tests[operator] if operator in tests else tests[operator[0]] or tests["="]


def setting(leaves, path, operator, value):
    if path not in leaves:
        return False
    have = leaves[path]
    text = json.dumps(have, separators=(",", ":")) if isinstance(have, list) else have
    try:
        number = None if value.quoted else float(value.text)
    except ValueError:
        number = None
    if operator == "~":
        return isinstance(text, str) and value.text.lower() in text.lower()
    if operator in ("=", "!="):
        if isinstance(have, bool) or have is None:
            equal = json.dumps(have) == value.text and not value.quoted
        elif isinstance(have, str):
            equal = have == value.text
        else:
            equal = text == value.text.replace(" ", "") if isinstance(have, list) else have == number
        return equal == (operator == "=")
    if isinstance(have, bool | list | None):
        return False
    if isinstance(have, str):
        return number is None and ordered(have, operator, value.text)
    return number is not None and ordered(have, operator, number)


def some(field, operator, wanted, run):
    have = {
        "tag": run.tags,
        "rule": [(code, name) for code, name, _ in run.findings],
        "finding": [(name, message) for _, name, message in run.findings],
        "note": [(note,) for note in run.notes],
    }[field]
    parts = [(one,) if isinstance(one, str) else one for one in have]
    if operator == "~" or field in ("finding", "note"):
        equal = any(wanted.lower() in part.lower() for one in parts for part in one)
    else:
        equal = any(wanted in one for one in parts)
    return bool(parts) and not equal if operator == "!=" else equal


HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE run; --"',
    "name=\"x' OR '1'='1\"",
    "name=x';DROP",
    '"NEAR(a b)" OR "a*"',
    'tag="%"',
    'note="%"',
    'hypothesis~"_"',
    '"name : net"',
    'finding:"%"',
    '"^net"',
    '"{name} : net"',
]


@pytest.mark.parametrize("query", HOSTILE)
def test_sql_wildcards_and_fts_syntax_are_plain_text(book, query):
    book.add(
        name="resnet",
        tags=("draft",),
        notes=("some note",),
        findings=(("D101", "flat", "text"),),
        hypothesis="no such text",
    )
    before = list(book.connection.iterdump())
    with contextlib.suppress(UsageError):
        assert search(book, query) == []
    assert list(book.connection.iterdump()) == before


def test_hostile_field_names_and_sorts_are_unknown_fields(book):
    for field in ["run.id", "1;DROP", "s.status", "lr'--", "m.best", "best_kind"]:
        with pytest.raises(UsageError):
            search(book, f"{field}=1")
        with pytest.raises(UsageError):
            search(book, "id>0", sort=field)


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_no_text_of_a_query_becomes_sql(crowd, text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    catalog = Catalog(crowd.connection)
    plain = compile_query(parse_query('name="x" note~"x" tag="x" optimizer="x"'), catalog, now=NOW)
    query = parse_query(f'name="{quoted}" note~"{quoted}" tag="{quoted}" optimizer="{quoted}"')
    compiled = compile_query(query, catalog, now=NOW)
    sql, parameters = compiled.sql, compiled.parameters
    assert sql == plain.sql or any(character.isspace() for character in text)
    assert text in parameters
    crowd.connection.execute(sql, parameters).fetchall()


@pytest.mark.parametrize("text", ["fts5", "plain", "none"])
def test_words_and_phrases_are_found_in_every_text(new_book, text):
    book = new_book(text)
    book.add(name="resnet", config={"optimizer": {"kind": "adamw"}})
    book.add(hypothesis="Smaller steps help")
    book.add(notes=("went up 100% again",))
    book.add(findings=(("D101", "unscaled-inputs", "inputs reach 255"),))
    book.add(error="CUDA out of memory")
    asked = ["resnet", "adamw", '"smaller steps"', '"up 100%"', "unscaled-inputs", '"reach 255"', '"out of memory"']
    assert [search(book, one) for one in asked] == [[1], [1], [2], [3], [4], [4], [5]]
    assert sorted(search(book, "again or resnet")) == [1, 3]
    assert search(book, "not again") == [5, 4, 2, 1]
    assert search(book, '"steps smaller"') == []


def test_dates_compare_as_points_in_time(book):
    for started in [
        "2026-10-31T23:59:59.999+00:00",
        "2026-11-01T00:00:00Z",
        "2026-11-01T12:30:15+02:00",
        "2026-12-01T00:00:00+00:00",
    ]:
        book.add(started_at=started)
    assert search(book, "started>2026-11-01") == [4, 3]
    assert search(book, "started>=2026-11-01") == [4, 3, 2]
    assert search(book, "started<2026-11-01") == [1]
    assert search(book, "started<=2026-11-01") == [2, 1]
    assert search(book, "started=2026-11-01") == [3, 2]
    assert search(book, "started!=2026-11") == [4, 1]
    assert search(book, "started=2026") == [4, 3, 2, 1]
    assert search(book, "started=2026-11-01T10:30") == [3]
    assert search(book, "started=2026-11-01T12:30:15+02:00") == [3]
    assert search(book, 'started="2026-11-01 10:30:15"') == [3]
    assert search(book, "started>2026-11-01T10:30:15") == [4]
    assert search(book, "started:2026-12") == [4]


def test_ages_compare_as_spans(book):
    for age in [timedelta(hours=1), timedelta(days=3), timedelta(days=3, hours=23), timedelta(weeks=5)]:
        book.add(started_at=(NOW - age).isoformat())
    assert search(book, "age>4w") == [4]
    assert search(book, "age<=1h") == [1]
    assert search(book, "age<1h") == []
    assert search(book, "age>=3d age<1y") == [4, 3, 2]
    assert search(book, "age=3d") == [3, 2]
    assert search(book, "age!=3d") == [4, 1]
    assert search_runs(book.connection, "age>1.5h", now=NOW.replace(tzinfo=None)) == [4, 3, 2]


def test_a_dead_process_is_crashed_and_a_live_one_running(book):
    for status in ["running", "running", "crashed", "finished"]:
        book.add(status=status, ended_at="2026-11-11T00:00:00+00:00" if status == "finished" else None)
    assert search(book, "status:crashed", crashed={2}) == [3, 2]
    assert search(book, "status:running", crashed={2}) == [1]
    assert search(book, "status!=crashed", crashed={2, 4}) == [4, 1]
    assert search(book, "status~UNN", crashed={2}) == [1]
    assert search(book, "status:crashed") == [3]
    assert search(book, "id>0", sort="status", crashed={2}) == [3, 2, 4, 1]
    assert search(book, "ended>2026-11-10") == [4]


def test_hashes_are_meant_by_their_beginning(book):
    book.add(config_hash="3fa9" + "0" * 60)
    book.add(config_hash="3fb0" + "0" * 60)
    assert search(book, "config_hash:3FA9") == [1]
    assert search(book, "config_hash!=3fa900") == [2]
    assert search(book, "not config_hash=3fa9") == [2]
    assert search(book, "not config_hash=3fb0") == [1]
    assert search(book, "not config_hash!=3fb0") == [2]
    assert search(book, "not recipe_hash=ffff") == [2, 1]


def test_ids_are_written_with_or_without_r(book):
    for _ in range(3):
        book.add()
    assert search(book, "id=r2 or id=3") == [3, 2]
    assert search(book, "id<r2") == [1]


def test_metrics_have_moments_and_best_follows_the_monitor(book):
    book.add(metrics={"accuracy": (0.1, 0.8, 0.9), "lr": (1.0, 0.1, 0.1)}, monitor="accuracy")
    assert search(book, "accuracy>0.85 accuracy.best>0.85 accuracy.last<0.85 accuracy.first<0.2 best=0.9") == [1]
    assert search(book, "lr.last<0.5") == [1]
    assert search(book, "lr<0.5") == []


def test_data_is_found_by_kind_name_and_file(book):
    book.add(config={"data": {"source": {"kind": "sklearn", "dataset": "digits"}}})
    book.add(config={"data": {"source": {"kind": "csv", "path": "a.csv", "target": "y"}}})
    assert search(book, "data=digits") == search(book, "data=sklearn") == search(book, "dataset=digits") == [1]
    assert search(book, "data~CSV") == [2]
    assert search(book, "data!=digits") == [2]


def test_sorting_puts_missing_and_nan_last_and_newest_first_among_equals(book):
    for value in [0.5, math.nan, math.inf, 0.1, 0.5]:
        book.add(metrics={"val_loss": value}, config={"optimizer": {"lr": value if math.isfinite(value) else "auto"}})
    book.add()
    assert search(book, "id>0") == [6, 5, 4, 3, 2, 1]
    assert search(book, "id>0", sort="val_loss") == [4, 5, 1, 3, 6, 2]
    assert search(book, "id>0", sort="-val_loss.last") == [3, 5, 1, 4, 6, 2]
    assert search(book, "id>0", sort="lr") == [4, 5, 1, 3, 2, 6]
    assert search(book, "id>0", sort="momentum") == [6, 5, 4, 3, 2, 1]
    assert search(book, "id>0", sort="val_loss", limit=2) == [4, 5]
    assert search(book, "id>0", limit=0) == []


def test_a_field_to_sort_by_may_stand_in_quotes(book):
    for step in (3, 5, 4):
        book.add(config={"values": {"my step": step}})
    assert search(book, "id>0", sort='"values.my step"') == search(book, "id>0", sort="values.my step") == [1, 3, 2]
    assert search(book, "id>0", sort='-"values.my step"') == [2, 3, 1]
    with pytest.raises(UsageError, match="unknown field"):
        search(book, "id>0", sort='"')


def test_sorting_by_what_has_no_order_and_negative_limits_are_refused(book):
    with pytest.raises(UsageError, match="several"):
        search(book, "id>0", sort="tag")
    with pytest.raises(UsageError, match="unknown field 'val_los'"):
        search(book, "id>0", sort="-val_los")
    with pytest.raises(UsageError, match="0 or more, got -1"):
        search(book, "id>0", limit=-1)


def test_the_largest_query_that_is_allowed_runs(crowd):
    many = " or ".join(f"id={number}" for number in range(150))
    assert len(many) < 2000
    assert len(search(crowd, many)) == 40
    assert len(search(crowd, "not (" + "zzz " * 249 + ")")) == 40
    deep = "".join(f"not (lr<{level} or " for level in range(10)) + "net" + ")" * 10
    assert isinstance(search(crowd, deep), list)
    alternating = "".join("not (net zzz or (net or zzz and " for _ in range(6)) + "net" + "))" * 6
    assert isinstance(search(crowd, alternating), list)


def test_a_search_that_takes_too_long_is_stopped_and_the_connection_works_on(new_book):
    book = new_book("none")
    book.add(notes=("a" * 1_000,) * 5_000)
    query = 'note~"aaab" or note~"aaac"'
    assert search(book, query) == []
    before = time.monotonic()
    with pytest.raises(UsageError, match=r"longer than 0\.001 s"):
        search(book, query, seconds=0.001)
    assert time.monotonic() - before < 2
    assert search(book, "id=1") == [1]


def test_a_store_without_the_tables_is_no_usage_error():
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        search_runs(connection, "lr<1")
    connection.close()
