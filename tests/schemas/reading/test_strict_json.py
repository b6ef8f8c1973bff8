"""The strict reader: what it reads is what the standard parser reads; what it refuses has a place."""

from __future__ import annotations

import json
import math
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook_schemas.reading import Position, ReadingError, read_json

STORABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4))
BLANKS = [" ", "\n", "\r\n", "\t", '// it\'s "here", }]\n', '/* " ] , \n // */', "/**/"]


def problems_of(source: str | bytes) -> list[str]:
    with pytest.raises(ReadingError) as caught:
        read_json(source, name="c.json")
    return [str(problem) for problem in caught.value.problems]


def same(one: object, other: object) -> bool:
    """Equal, and of equal types all the way down: 1, 1.0 and true differ, -0.0 and 0.0 too."""
    return repr(one) == repr(other)


def written_loosely(value: object, chance: random.Random) -> str:
    """The value with comments and blanks between all tokens, and a comma after the last entry."""

    def blank() -> str:
        return "".join(chance.choices(BLANKS, k=chance.randrange(3)))

    def entries(parts: list[str]) -> str:
        return ",".join(parts) + ("," + blank() if parts and chance.random() < 0.5 else "")

    if isinstance(value, dict):
        parts = [f"{blank()}{json.dumps(key)}{blank()}:{written_loosely(item, chance)}" for key, item in value.items()]
        text = "{" + entries(parts) + blank() + "}"
    elif isinstance(value, list):
        text = "[" + entries([written_loosely(item, chance) for item in value]) + blank() + "]"
    else:
        text = json.dumps(value)
    return blank() + text + blank()


@given(VALUES, st.booleans(), st.sampled_from([None, 0, 2]))
def test_any_json_is_read_as_the_standard_parser_reads_it(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert same(read_json(text, name="c.json").value, json.loads(text))
    assert same(read_json(text.encode(), name="c.json").value, json.loads(text))


@given(VALUES, st.randoms(use_true_random=False))
def test_comments_blanks_and_trailing_commas_change_no_value(value, chance):
    assert same(read_json(written_loosely(value, chance), name="c.json").value, value)


@given(VALUES, st.randoms(use_true_random=False))
def test_the_position_of_every_value_is_where_it_begins(value, chance):
    document = read_json(written_loosely(value, chance), name="c.json")
    for path, offsets in document.offsets.items():
        found = document.value
        for step in path:
            found = found[step]
        assert document.text[offsets.value] == json.dumps(found)[0]
        if path and isinstance(path[-1], str):
            assert document.text.startswith(json.dumps(path[-1]), offsets.key)


@given(st.text(max_size=40) | st.text('{}[]",:/*\\\n01-.eE+ tnu', max_size=40) | st.binary(max_size=40))
def test_whatever_the_source_only_a_reading_error_is_raised(source):
    try:
        document = read_json(source, name="c.json")
    except ReadingError as error:
        problems = error.problems
    else:
        problems = ()
        json.dumps(document.value, allow_nan=False, ensure_ascii=False).encode()
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def test_a_config_keeps_its_text_and_its_places():
    text = '// mine\n{\n  "optimizer": {"lr": 0.1},\r\n  "hidden": [64, 32],\n}'
    document = read_json(text, name="c.json")
    assert (document.text, document.name) == (text, "c.json")
    assert document.key_position(("optimizer", "lr")) == Position(3, 17)
    assert document.value_position(("optimizer", "lr")) == Position(3, 23)
    assert document.value_position(("hidden", 1)) == Position(4, 18)
    assert document.key_position(("hidden", 1)) is None
    assert document.value_position(("absent",)) is None
    assert document.value_position(()) == Position(2, 1)


def test_columns_count_characters_not_bytes():
    assert problems_of('{"é😀": x}')[0].startswith("c.json:1:8: ")


def test_a_byte_order_mark_is_stripped():
    for source in (b'\xef\xbb\xbf{"a": 1}', '\ufeff{"a": 1}'):
        document = read_json(source, name="c.json")
        assert document.value == {"a": 1}
        assert document.text == '{"a": 1}'
        assert document.key_position(("a",)) == Position(1, 2)


REFUSED = {
    "duplicate": ('{"lr": 1,\n "lr": 2}', "2:2: lr: duplicate key; it stands first on line 1"),
    "duplicate-deep": ('[{"a": {\n"b": 1,\n"b": 1}}]', "3:1: [0].a.b: duplicate key; it stands first on line 2"),
    "nan": ('{"a": NaN}', "1:7: a: NaN isn't a finite number"),
    "infinity": ("[Infinity]", "1:2: [0]: Infinity isn't a finite number"),
    "minus-infinity": ("[1, -Infinity]", "1:5: [1]: -Infinity isn't a finite number"),
    "overflow": ("[1e999]", "1:2: [0]: 1e999 is out of range"),
    "overflow-negative": ("[-1e999]", "1:2: [0]: -1e999 is out of range"),
    "large-int": (
        "[9007199254740992]",
        "1:2: [0]: 9007199254740992 is out of range: whole numbers reach from -9007199254740991 to",
    ),
    "small-int": ("[-9007199254740992]", "1:2: [0]: -9007199254740992 is out of range"),
    "five-thousand-digits": ("9" * 5000, "1:1: " + "9" * 59 + "… is out of range"),
    "leading-zero": ("[01]", "1:2: [0]: 01 isn't a number as JSON writes it; leave out the leading zeros"),
    "plus": ("[+1]", "1:2: [0]: +1 isn't a number as JSON writes it; leave out the plus sign"),
    "no-digit-before": ("[.5]", "1:2: [0]: .5 isn't a number as JSON writes it; a decimal point needs a digit"),
    "no-digit-after": ("[1.]", "1:2: [0]: 1. isn't a number as JSON writes it; a decimal point needs a digit"),
    "underscore": ("[1_000]", "1:2: [0]: 1_000 isn't a number as JSON writes it; leave out the underscores"),
    "hexadecimal": ("[0x1F]", "1:2: [0]: 0x1F isn't a number as JSON writes it"),
    "empty": ("", "1:1: the file is empty"),
    "only-comments": ("\n // a\n /* b */ ", "1:1: the file is empty"),
    "trailing-text": ('{"a": 1}\n}', "2:1: expected the end of the file, found '}'"),
    "single-quotes": ("{'a': 1}", "1:2: text and keys stand in straight double quotes (\"), found '"),
    "single-quoted-value": ("{\"a\": 'x'}", "1:7: a: text and keys stand in straight double quotes (\"), found '"),
    "curly-quotes": ("[“a”]", '1:2: [0]: text and keys stand in straight double quotes ("), found “'),
    "bare-key": ("{\n lr: 1}", '2:2: a key needs double quotes: write "lr"'),
    "number-as-key": ("{1: 1}", '1:2: a key needs double quotes: write "1"'),
    "bare-text": ('{"optimizer": adam}', '1:15: optimizer: text needs double quotes: write "adam"'),
    "python-true": ('{"a": True}', "1:7: a: found True; JSON writes true"),
    "python-none": ('{"a": None}', "1:7: a: found None; JSON writes null"),
    "open-comment": ('{"a": 1} /* b', "1:10: the comment that begins here isn't closed with '*/'"),
    "hash-comment": ('{"a": 1} # b', "1:10: a comment begins with // or stands between /* and */, found #"),
    "open-text": ('{"a": "b}', "1:7: a: the text that begins here isn't closed"),
    "text-over-lines": ('{"a": "b\nc"}', "1:7: a: the text that begins here isn't closed with '\"' on its line"),
    "open-object": ('{"a": {"b": 1}', "1:1: the object that opens here isn't closed with '}'"),
    "open-list": ('{"a": [1,\n2', "1:7: a: the list that opens here isn't closed with ']'"),
    "control": ('["a\tb"]', "1:4: [0]: control character U+0009 in a text; write it as \\u0009"),
    "control-outside": ("[\x01]", "1:2: [0]: expected a value, found the character U+0001"),
    "escape": ('["C:\\data"]', "1:5: [0]: '\\d' starts no JSON escape; a backslash itself is written \\\\"),
    "short-escape": ('["ab\\u00zz"]', "1:5: [0]: '\\u' starts no JSON escape"),
    "null-character": ('["", "a\\u0000"]', "1:6: [1]: the text holds U+0000, the null character"),
    "null-in-key": ('{"a\\u0000": 1}', "1:2: the text holds U+0000"),
    "lone-surrogate": ('["\\ud800"]', "1:2: [0]: the text holds U+D800, half of a surrogate pair"),
    "missing-comma": ('{"a": 1\n "b": 2}', "2:2: expected ',' or '}', found '\"'"),
    "missing-colon": ('{"a" 1}', "1:6: a: expected ':' after the key, found '1'"),
    "missing-value": ('{"a": }', "1:7: a: expected a value, found '}'"),
    "missing-value-at-the-end": ('{"a":', "1:6: a: expected a value, found the end of the file"),
    "only-a-comma": ("[,]", "1:2: [0]: expected a value, found ','"),
    "two-commas": ("[1,,]", "1:4: [1]: expected a value, found ','"),
    "wrong-bracket": ("[1}", "1:3: expected ',' or ']', found '}'"),
    "latin-1": (b'{"a":\n "\xe9"}', "2:3: byte 8 (0xe9) isn't UTF-8; save the file as UTF-8"),
    "latin-1-after-a-mark": (b'\xef\xbb\xbf["\xe9"]', "1:3: byte 5 (0xe9) isn't UTF-8"),
    "utf-16": ("{}".encode("utf-16"), "1:1: this looks like UTF-16 or UTF-32; save the file as UTF-8"),
    "utf-16-without-a-mark": ("{}".encode("utf-16-le"), "1:1: this looks like UTF-16"),
    "utf-32": ("{}".encode("utf-32-be"), "1:1: this looks like UTF-16"),
    "surrogate-in-the-source": ('\n["\udc80"]', "2:3: U+DC80 alone isn't a character"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_each_refusal_says_where_and_what(case):
    source, expected = REFUSED[case]
    problems = problems_of(source)
    assert len(problems) == 1
    assert problems[0].startswith(f"c.json:{expected}")


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [65, 1_000, 100_000])
def test_nesting_over_64_levels_is_refused_at_the_first_bracket_too_many(bracket, levels):
    expected = f"c.json:1:{64 * len(bracket) + 1}: nested deeper than 64 levels"
    assert problems_of(bracket * levels) == [expected]


def test_64_levels_are_read():
    text = "[" * 64 + "]" * 64
    assert read_json(text, name="c.json").value == json.loads(text)


def test_a_file_over_one_mebibyte_is_refused_before_it_is_parsed():
    expected = "c.json:1:1: the file has 1,048,577 bytes, more than the 1,048,576 that a config may have"
    assert problems_of(b"x" * (2**20 + 1)) == [expected]
    assert problems_of("é" * 2**19 + "x") == [expected]
    assert read_json("1".ljust(2**20), name="c.json").value == 1


def test_faults_that_leave_the_reader_knowing_its_place_are_told_together():
    problems = problems_of('{"a": NaN, "a": 1e999,\n "b": None, "c": [01, x]}')
    assert [problem.split(": ")[0] for problem in problems] == [
        "c.json:1:7",
        "c.json:1:12",
        "c.json:1:17",
        "c.json:2:7",
        "c.json:2:19",
        "c.json:2:23",
    ]


def test_the_fifty_first_problem_is_only_counted():
    with pytest.raises(ReadingError) as caught:
        read_json("[" + "NaN," * 73 + "]", name="c.json")
    assert len(caught.value.problems) == 50
    assert str(caught.value).splitlines()[-1] == "and 23 more"


def test_numbers_at_the_edge_of_what_is_exact_are_read():
    text = "[9007199254740991, -9007199254740991, 1.7976931348623157e308, 5e-324, 1e-999, -0.0, -0]"
    value = read_json(text, name="c.json").value
    assert same(value, json.loads(text))
    assert math.copysign(1, value[5]) == -1


def test_a_large_config_is_read_in_about_half_a_second():
    entries = {f"key {number}": [1.5, {"a": "b", "c": [True, None, number]}] for number in range(4_000)}
    text = json.dumps(entries, indent=1)
    assert len(text) > 330_000
    started = time.process_time()
    read_json(text, name="c.json")
    assert time.process_time() - started < 1.5  # 0.25 s on an idle machine
