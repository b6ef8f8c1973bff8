"""Packed texts come back as they were, whatever they hold; what is packed can be read by every later release."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook.store import open_reader, open_writer, packing
from logbook.store.packing import PRESET_OF, PRESETS, stored, unpacked
from logbook.store.verify import verify
from tests.store.making import begin, config, epoch

FROZEN = {
    "1-config.txt": "ffd9fd0dfb038d83c6f8eb4028e6d44f17ffe787e6c9991b97a397048cfe74ab",
    "2-run.txt": "55bac566529414a581ab84889426b94de50f72e10c90c28f4400b0887778cd07",
    "3-record.txt": "7ef1877cc0435f509b9ab147030c694bf5c59b26a608397eb35220e93e73b3ca",
    "4-epoch.txt": "05fc04d30deab841eac0066c3f3ab0296dbba7e3a7dcd89a4a9c54ec5b27ab60",
    "5-finding.txt": "5b44bb0a1547807be3ef3e38b29cd8229ef9b88f2e2e617754d9a2bed304e536",
}
"""The SHA-256 of every preset that a release has packed with. None may change: add a new one, with a new number."""


def test_presets_never_change():
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in PRESETS.iterdir()} == FROZEN


def test_every_table_packs_with_a_preset_of_its_own():
    names = {path.name for path in PRESETS.iterdir()}
    assert all(any(name.startswith(f"{number}-{table}") for name in names) for table, number in PRESET_OF.items())


@given(st.sampled_from(sorted(PRESET_OF)), st.text() | st.text(alphabet='{"epoch":1,.0}', min_size=60))
def test_a_text_comes_back_as_it_was(table, text):
    whole, small = stored(table, text)
    assert (whole == text) if small is None else (whole == "" and len(small) < len(text.encode()))
    assert unpacked(whole, small) == text


def test_a_text_too_long_to_be_unpacked_is_kept_as_it_is(monkeypatch):
    monkeypatch.setattr(packing, "_LONGEST", 1_000)
    for length in (1_000, 1_001):
        whole, small = stored("epoch", "a" * length)
        assert (small is None) is (length > 1_000)
        assert unpacked(whole, small) == "a" * length


@given(st.binary())
def test_bytes_that_are_no_packed_text_are_none_or_a_text(small):
    assert isinstance(unpacked("", small), str | None)


@given(st.data())
def test_a_bit_that_flips_is_never_an_error_of_ours(data):
    _, small = stored("epoch", '{"epoch":2,"steps":90,"train_loss":0.123456789,"val_loss":0.2345678}' * 3)
    flipped = bytearray(small)
    flipped[data.draw(st.integers(0, len(small) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert isinstance(unpacked("", bytes(flipped)), str | None)


@pytest.fixture
def book(tmp_path):
    with open_writer(tmp_path) as writer:
        run = begin(writer, config(hypothesis="a rate of 0.001 is right, größer wäre zu viel")).number
        writer.append_epoch(run, 1, epoch(1))
        writer.end_attempt(run, 1, status="finished")
    return tmp_path


def test_what_is_written_is_small_and_reads_as_before(book):
    with closing(sqlite3.connect(book / "logbook.db")) as raw:
        (body, packed, recorded) = raw.execute("SELECT body, packed, hash FROM config").fetchone()
        assert body == ""
        assert len(packed) < 400
        assert hashlib.sha256(unpacked(body, packed).encode()).hexdigest() == recorded
    with open_reader(book) as reader:
        assert reader.config(recorded)["hypothesis"] == "a rate of 0.001 is right, größer wäre zu viel"
        assert [one.epoch for one in reader.run(1).epochs] == [1]
    assert verify(book) == []
