"""The canonical form is contract: these bytes and hashes may never change."""

from __future__ import annotations

import json
import math
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook_schemas.reading import canonical_json, content_hash

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)

# RFC 8785, appendix B: the bits of a double, and how it is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers_are_written_as_the_rfc_says(bits):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number) == NUMBERS[bits].encode()


def test_the_sample_of_the_rfc_has_its_form():
    sample = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(sample).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_their_utf_16_units():
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(dict.fromkeys(keys, 0)))) == expected


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_keys_and_the_writing_of_numbers_make_no_difference(value, chance):
    assert canonical_json(shuffled(value, chance)) == canonical_json(value)


def shuffled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and chance.random() < 0.5:
        return float(value)
    return value


@given(VALUES)
def test_the_form_is_a_fixed_point(value):
    form = canonical_json(value)
    # Doubles beyond the exact integers are written without an exponent, and so come back as such.
    assert canonical_json(json.loads(form, parse_int=lambda digits: float(digits))) == form


def test_a_known_hash_never_changes():
    value = {"name": "digits-mlp", "optimizer": {"lr": 1e-3, "kind": "adam"}, "hidden": [256.0, 64]}
    form = canonical_json(value)
    assert form == b'{"hidden":[256,64],"name":"digits-mlp","optimizer":{"kind":"adam","lr":0.001}}'
    assert content_hash(form) == "fcf71de6223a61ce4768228b2e4f35cdbabcf75dd40b75c1da5465000d3f8c26"
    assert content_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "nan"),
        ([math.inf], "inf"),
        (2**53, "9007199254740992"),
        ({1: 2}, "keys must be strings"),
        ("\ud800", "UTF-8"),
        ({"a": object()}, "unsupported type"),
    ],
)
def test_what_the_form_cannot_hold_is_refused(value, reason):
    with pytest.raises(ValueError, match=f"no canonical JSON for this value: .*{reason}"):
        canonical_json(value)


def test_endless_nesting_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(ValueError, match="nested too deeply"):
        canonical_json(value)
