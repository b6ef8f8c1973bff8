"""Single bits of the file flipped, one at a time: what alters a record is found, and nothing is written or raised.

`make test` flips a seeded sample, `make soak` three hundred bits.
"""

from __future__ import annotations

import os
import random
import shutil

import pytest

from logbook.errors import StoreError
from logbook.store.verify import verify
from tests.store.flipping import make_whole, read_folder

FLIPS = 300 if os.environ.get("LOGBOOK_SOAK") else 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = make_whole(tmp_path_factory.mktemp("whole"))
    assert verify(folder) == []
    return folder


def _flipped(content, place):
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def _found(folder):
    """Return what fsck says, or what the logbook says that can't be opened at all."""
    try:
        return verify(folder)
    except StoreError as error:
        return [str(error)]


@pytest.mark.timeout(3600)
def test_no_flipped_bit_alters_a_record_unseen(whole, tmp_path):
    content = (whole / "logbook.db").read_bytes()
    before = read_folder(whole)
    assert isinstance(before, list)
    chance, unseen = random.Random(20261129), 0
    # Four fifths of a small file are free space: half of the bits are taken where something stands.
    used = [place for place, byte in enumerate(content) if byte]
    anywhere = chance.sample(range(len(content) * 8), FLIPS // 2)
    within = [8 * place + chance.randrange(8) for place in chance.sample(used, FLIPS - len(anywhere))]
    for place in sorted({*anywhere, *within}):
        folder = tmp_path / "flipped"
        folder.mkdir()
        changed = _flipped(content, place)
        (folder / "logbook.db").write_bytes(changed)
        found = _found(folder)
        assert (folder / "logbook.db").read_bytes() == changed, place
        if not found:
            unseen += 1
            assert read_folder(folder) == before, f"bit {place} alters a record, and fsck says nothing"
        else:
            read_folder(folder)
        shutil.rmtree(folder)
    print(f"{FLIPS} bits flipped: {FLIPS - unseen} found, {unseen} that alter no record")
    assert unseen < FLIPS


@pytest.mark.timeout(3600)
def test_no_flipped_bit_within_a_row_goes_unseen(whole, tmp_path):
    """Bits of what rows say, not of the free space between them: each is found, whether it alters a record or not."""
    content = (whole / "logbook.db").read_bytes()
    for text in (b"it looks fine", b"digits-mlp", b"stuck", b"promising", b"finished", bytes(range(50)), b"lr<1"):
        start = content.find(text)
        assert start > 0, text
        folder = tmp_path / text.hex()
        folder.mkdir()
        (folder / "logbook.db").write_bytes(_flipped(content, 8 * (start + 1)))
        assert _found(folder) != [], text
