"""The files that no commit holds: which there are, and the content of the small ones.

A run that used such a file can't be had back from git, so its content is kept where it is small and no
secret. Symbolic links are never followed: a link in a shared folder could point at any file of the person's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from logbook.provenance.blobs import Blobs, add_blob, content_hash, printable
from logbook.provenance.secrets import is_secret_name, mask_bytes
from logbook_schemas.records.provenance import UntrackedFile

__all__ = ["FILE_COUNT", "FILE_SIZE", "TOTAL_SIZE", "capture_untracked"]

FILE_SIZE = 256 * 1024
TOTAL_SIZE = 5 * 1024 * 1024
FILE_COUNT = 1000


def capture_untracked(root: Path, paths: Iterable[bytes], blobs: Blobs) -> tuple[tuple[UntrackedFile, ...], list[str]]:
    """List files below a root, put small contents among `blobs`, and say what was capped."""
    ordered = sorted(paths)
    files: list[UntrackedFile] = []
    kept = 0
    for path in ordered[:FILE_COUNT]:
        record, content = _capture_file(root, path, room=TOTAL_SIZE - kept)
        if content is not None and content_hash(content) not in blobs:
            kept += len(content)
            add_blob(blobs, content)
        files.append(record)
    notes = []
    if len(ordered) > FILE_COUNT:
        notes.append(
            f"{len(ordered):,} untracked files: the first {FILE_COUNT:,} are listed; "
            "folders of data or results belong in .gitignore"
        )
    if any(file.left_out == _NO_ROOM for file in files):
        notes.append(f"untracked files hold more than {TOTAL_SIZE:,} bytes: the content of the rest was left out")
    return tuple(files), notes


_NO_ROOM = f"all kept files together would pass {TOTAL_SIZE:,} bytes"


def _capture_file(root: Path, path: bytes, *, room: int) -> tuple[UntrackedFile, bytes | None]:
    name, place = printable(path), root / os.fsdecode(path)
    try:
        found = place.lstat()
    except OSError as error:
        return UntrackedFile(path=name, left_out=f"can't be read: {error.strerror}"), None
    size = found.st_size
    reason = _reason_to_leave_out(root, place, name, found, room)
    if reason is None:
        try:
            content = read_regular_file(place, FILE_SIZE)
        except OSError as error:
            reason = f"can't be read: {error.strerror or error}"
        else:
            return _keep(name, size, content)
    return UntrackedFile(path=name, size=size, left_out=reason), None


def _reason_to_leave_out(root: Path, place: Path, name: str, found: os.stat_result, room: int) -> str | None:
    if stat.S_ISLNK(found.st_mode):
        return "a symbolic link, which is not followed"
    if stat.S_ISDIR(found.st_mode):
        return "a repository of its own"
    if not stat.S_ISREG(found.st_mode):
        return "not a regular file"
    # O_NOFOLLOW guards only the last part of a path; this guards the folders above it.
    if not place.parent.resolve().is_relative_to(root.resolve()):
        return "a symbolic link leads out of the repository"
    if is_secret_name(name):
        return "its name says that it holds a secret"
    if found.st_size > FILE_SIZE:
        return f"{found.st_size:,} bytes, the limit is {FILE_SIZE:,}"
    if found.st_size > room:
        return _NO_ROOM
    return None


def read_regular_file(place: Path, limit: int) -> bytes:
    """Read at most `limit` bytes of a regular file. Raises OSError for links, devices, longer files."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(place, flags)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{place} is not a regular file")
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(f"grew past {limit:,} bytes while it was read")
    return content


def _keep(name: str, size: int, content: bytes) -> tuple[UntrackedFile, bytes | None]:
    """Keep content as it is, or with its secrets masked; binary content with a secret can't be mended."""
    if b"\0" in content:
        # UTF-16 text has a NUL after each letter, which would hide a secret from every pattern.
        _, count = mask_bytes(content.replace(b"\0", b""))
        if count:
            return UntrackedFile(path=name, size=size, left_out="binary content with what looks like a secret"), None
        return UntrackedFile(path=name, size=size, blob=content_hash(content)), content
    masked, count = mask_bytes(content)
    note = f"what looks like a secret was removed, {count} times" if count else None
    return UntrackedFile(path=name, size=size, blob=content_hash(masked), left_out=note), masked
