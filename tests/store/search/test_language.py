"""The language alone: what parses to what, and how errors point at their place."""

import random
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook.errors import UsageError
from logbook.store.search.language import And, Comparison, Not, Or, Text, Value, parse_query, requires


def root(text):
    return parse_query(text).root


def test_terms_side_by_side_are_joined_by_and():
    assert root("lr<1 adam") == And((Comparison("lr", "<", Value("1", 3), 0), Text("adam", 5)))
    assert root("a and b c") == And((Text("a", 0), Text("b", 6), Text("c", 8)))


def test_not_binds_strongest_and_or_weakest():
    assert root("not a b or c") == Or((And((Not(Text("a", 4)), Text("b", 6))), Text("c", 11)))
    assert root("not (a or b)") == Not(Or((Text("a", 5), Text("b", 10))))


def test_two_nots_and_needless_parentheses_vanish():
    assert root("not not ((a))") == Text("a", 10)
    assert root("a (b c)") == And((Text("a", 0), Text("b", 3), Text("c", 5)))


@pytest.mark.parametrize("written", ["lr<=1e-3", "lr <= 1e-3", "lr<= 1e-3"])
def test_blanks_around_the_operator_make_no_difference(written):
    term = root(written)
    assert (term.field, term.operator, term.value.text) == ("lr", "<=", "1e-3")


@pytest.mark.parametrize("operator", [":", "=", "=="])
def test_colon_and_double_equals_are_equals(operator):
    assert root(f"a{operator}b").operator == "="


@pytest.mark.parametrize("word", ["or", "and", "not", "OR", "Not"])
def test_keywords_are_words_in_quotes_and_fields_before_an_operator(word):
    assert root(f'"{word}"') == Text(word, 0)
    assert root(f"{word}=1").field == word


@pytest.mark.parametrize("word", ["oracle", "android", "nothing", "r42", "amber-heron", "don't", "50%", "ü"])
def test_words_that_begin_like_keywords_are_words(word):
    assert root(word) == Text(word, 0)


def test_values_hold_colons_lists_and_quotes():
    assert root("a=pack.module:call").value.text == "pack.module:call"
    assert root("started>2026-11-01T10:30").value.text == "2026-11-01T10:30"
    assert root("a=[[1, 2], [3]] b").terms[0].value.text == "[[1, 2], [3]]"
    assert root(r'a="say \"x\" C:\dir"').value == Value(r'say "x" C:\dir', 2, quoted=True)
    assert root('"my key"=1').field == "my key"


# Each: the query, where the caret stands, a piece of what is said, and a piece of the advice.
WRONG = [
    ("lr<", 3, "a value is expected after '<'", '""'),
    ("lr=<3", 3, "a value is expected", "write <="),
    ("lr>>3", 3, "a value is expected after '>'", "write >"),
    ("!name=a", 0, "'!' has no field before it", "not name"),
    ("lr=)", 3, "a value is expected", ""),
    ("lr<1e-3<5", 7, "'<' has no field before it", "lr>1e-4 lr<1e-2"),
    ("=3", 0, "'=' has no field before it", ""),
    ("a=b=c", 3, "'=' has no field before it", '"a=b"'),
    ("(a or b", 0, "never closed", ")"),
    ("a (b (c)", 2, "never closed", ")"),
    ("a)", 1, "never opened", "take it out"),
    ("()", 1, "hold nothing", "quoted phrase"),
    ("or a", 0, "a term is expected", '"or"'),
    ("a or", 4, "a term is expected", '"or"'),
    ("(a or )", 6, "a term is expected", ""),
    ("not", 3, "a term is expected", ""),
    ("a or or b", 5, "a term is expected", ""),
    ('lr="abc', 3, "never ends", 'close it with "'),
    ("a 'bc", 2, "never ends", "close it with '"),
    ("a\x00b", 1, "U+0000", ""),
    ("a\ud800b", 1, "U+D800", ""),
]


@pytest.mark.parametrize(("query", "place", "said", "advice"), WRONG, ids=[ascii(row[0]) for row in WRONG])
def test_errors_show_the_query_and_mark_the_place(query, place, said, advice):
    with pytest.raises(UsageError) as caught:
        parse_query(query)
    what, shown, caret, *hint = str(caught.value).split("\n")
    assert said in what
    assert len(shown) <= len(query) + 2
    assert caret == " " * (place + 2) + "^"
    assert advice in "".join(hint)


def test_the_place_is_marked_in_a_long_query_and_across_lines():
    query = "word " * 100 + "\n lr< \n" + "more) " * 50
    with pytest.raises(UsageError) as caught:
        parse_query(query)
    _, shown, caret, *_ = str(caught.value).split("\n")
    assert len(shown) < 130
    assert shown[: caret.index("^")].rstrip().endswith("more")


@pytest.mark.parametrize("query", ["", "  \n"])
def test_an_empty_query_is_refused(query):
    with pytest.raises(UsageError, match="empty"):
        parse_query(query)


def test_limits_are_refused_in_words():
    with pytest.raises(UsageError, match="2001 characters; the limit is 2000"):
        parse_query("a" * 2001)
    with pytest.raises(UsageError, match="1000 terms; the limit is 250"):
        parse_query("a " * 1000)
    with pytest.raises(UsageError, match="levels deep; the limit is 20"):
        parse_query("not(a " * 200 + "b" + ")" * 200)


def test_deep_nesting_of_parentheses_and_nots_is_safe():
    assert root("(" * 999 + "a" + ")" * 999) == Text("a", 999)
    assert root("not " * 498 + "a") == Text("a", 1992)
    with pytest.raises(UsageError, match="never closed"):
        parse_query("(" * 2000)


PIECES = ["lr", "tag", "and", "or", "not", "(", ")", "<", "<=", "=", "!=", "~", ":", '"', "'", "\\", "[", "]", "{}"]
PIECES += [
    "1e-3",
    "nan",
    " ",
    " ",
    "\n",
    "4w",
    "%",
    "--",
    ";",
    "é",
    "\u202e",
    "\x00",
    "NEAR",
    "*",
    "^",
    "val_loss.best",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_any_text_parses_or_raises_usage_error(text):
    try:
        parse_query(text)
    except UsageError as error:
        str(error).encode()


def test_importing_search_imports_nothing_heavy_and_a_query_is_parsed_quickly():
    program = (
        "import sys, time; before = time.process_time(); import logbook.store.search as s;"
        "heavy = {'pydantic', 'sqlmodel', 'torch'} & set(sys.modules);"
        "from logbook.store.search.language import parse_query; middle = time.process_time();"
        "parse_query('optimizer.kind=adam lr<1e-3 (status:diverged or not tag:draft) \"it exploded\"');"
        "print(sorted(heavy), time.process_time() - middle)"
    )
    answers = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split("] ")
        for _ in range(3)
    ]
    assert {heavy for heavy, _ in answers} == {"["}
    # About 20 ms of CPU with the parser's import; the bound leaves room for a slower machine.
    assert min(float(seconds) for _, seconds in answers) < 0.2


def test_parsing_a_long_query_takes_milliseconds():
    dice = random.Random(1)
    query = " or ".join(f"lr<{dice.random():.3f}" for _ in range(160))
    parse_query("warm")
    before = time.perf_counter()
    parse_query(query)
    assert time.perf_counter() - before < 0.5


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("outcome:dead-end", True),
        ("lr<1 (outcome=dead-end exploded)", True),
        ("outcome:dead-end or lr<1", False),
        ("not outcome:dead-end", False),
        ("outcome!=dead-end", False),
        ("dead-end", False),
    ],
)
def test_a_query_requires_what_all_its_runs_have_because_it_says_so(query, answer):
    assert requires(query, "outcome", "dead-end") is answer
