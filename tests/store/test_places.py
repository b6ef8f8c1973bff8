"""Where a logbook is looked for, what lies under it, and what its runs are called."""

from __future__ import annotations

import os
import uuid

import pytest

from logbook.errors import StoreError
from logbook.store import filesystem, locate, open_writer
from logbook.store.identifiers import new_uuid, new_words, utc_now
from logbook.store.location import VARIABLE
from logbook.store.words import ADJECTIVES, ANIMALS


def test_the_option_goes_before_the_variable_before_the_nearest_folder(tmp_path, monkeypatch):
    inner = tmp_path / "project" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert locate(None) == inner / ".logbook"
    (tmp_path / "project" / ".logbook").mkdir()
    assert locate(None) == tmp_path / "project" / ".logbook"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable"))
    assert locate(None) == tmp_path / "variable"
    assert locate("option") == inner / "option"
    assert not (inner / ".logbook").exists()


def test_a_file_in_the_way_of_the_folder_is_said(tmp_path):
    (tmp_path / "book").write_text("a file")
    with pytest.raises(StoreError, match="can't make the logbook's folder"):
        open_writer(tmp_path / "book" / "inside")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/book", None),
        ("/home/shared/book", "nfs4"),
        ("/home/shared/local/book", None),
        ("/home/sharedness", None),
        ("/mnt/with blank/book", "fuse.sshfs"),
        ("/mnt/stick", None),
    ],
)
def test_remote_file_systems_are_known_by_the_mount_table(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nhost:/x /home/shared nfs4 rw 0 0\n/dev/sdb /home/shared/local xfs rw 0 0\n"
        "me@host: /mnt/with\\040blank fuse.sshfs rw 0 0\n/dev/sdc /mnt/stick fuseblk rw 0 0\n"
    )
    assert filesystem.remote_kind(tmp_path.__class__(path), mounts=mounts) == kind
    assert filesystem.remote_kind(tmp_path, mounts=tmp_path / "none") is None


def test_on_a_remote_file_system_the_log_is_left_off_and_that_is_said(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nhost:/x {os.path.realpath(tmp_path)} nfs rw 0 0\n")
    monkeypatch.setattr(filesystem.remote_kind, "__kwdefaults__", {"mounts": mounts})
    with open_writer(tmp_path / "book") as writer:
        assert "remote file system (nfs)" in writer.remarks[0]
        assert not (tmp_path / "book" / "logbook.db-wal").exists()


def test_uuids_are_of_version_7_and_in_order():
    made = [new_uuid() for _ in range(2_000)]
    assert made == sorted(set(made))
    parsed = uuid.UUID(made[0])
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_words_are_unique_and_take_a_number_when_all_are_used():
    taken = {f"{adjective}-{animal}" for adjective in ADJECTIVES for animal in ANIMALS}
    assert len(taken) > 40_000
    for _ in range(50):
        words = new_words(taken.__contains__)
        assert words not in taken
        assert words.rpartition("-")[2].isdigit()
        taken.add(words)
    assert new_words(lambda _: False).count("-") == 1


def test_points_in_time_have_one_length():
    assert len(utc_now()) == len("2026-11-21T00:00:00.000000Z")
    assert utc_now().endswith("Z")
