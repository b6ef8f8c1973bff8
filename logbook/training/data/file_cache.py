"""Hashes of files that were read before, so that a data set of gigabytes is not read again for each run.

An entry holds for a file of the same path, size, modification time (ns) and inode. Many files that are read together,
a folder of images, are one entry: it holds as long as none of them changes and none comes or goes. The cache is one
small JSON file; whatever is wrong with it, the cost is a file read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logbook.files import read_at_most

__all__ = ["FileCache"]

_NAME = "fingerprints.json"
_FORMAT = 1
_MOST_ENTRIES = 2000
_LONGEST = 64 * 2**20
"""Bytes that are read of it; ours are far shorter."""

# A file written in the same tick of the clock as it was hashed can change again and look the same.
_SETTLED_NS = 2_000_000_000


class FileCache:
    """Hashes by file, kept in `folder`; `get` and `put` never raise."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _NAME

    def get(self, file: Path, found: os.stat_result) -> str | None:
        """Return the hash of a file if it was hashed in this very state."""
        return self._get(str(file.resolve()), _state(found))

    def put(self, file: Path, found: os.stat_result, value: str) -> None:
        """Remember the hash of a file, unless it changed so recently that the next change might not show."""
        if _is_settled(found):
            self._put(str(file.resolve()), _state(found), value)

    def get_many(self, files: Mapping[str, Path], found: Mapping[str, os.stat_result]) -> str | None:
        """Return the hash of files that are read together, if it was taken with all of them in this very state."""
        return self._get(_key_of_many(files), _state_of_many(files, found))

    def put_many(self, files: Mapping[str, Path], found: Mapping[str, os.stat_result], value: str) -> None:
        """Remember the hash of files that are read together, as `put` does for one."""
        if all(map(_is_settled, found.values())):
            self._put(_key_of_many(files), _state_of_many(files, found), value)

    def _get(self, key: str, state: list[Any]) -> str | None:
        entry = self._read().get(key)
        if not isinstance(entry, dict) or entry.get("state") != state:
            return None
        value = entry.get("sha256")
        return value if isinstance(value, str) and len(value) == 64 else None

    def _put(self, key: str, state: list[Any], value: str) -> None:
        entries = self._read()
        entries.pop(key, None)
        entries[key] = {"state": state, "sha256": value}
        with contextlib.suppress(OSError, ValueError):  # a read-only folder, a full disk: no cache then
            self._write(dict(list(entries.items())[-_MOST_ENTRIES:]))

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(read_at_most(self.path, _LONGEST))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            return {}
        entries = content.get("files")
        return entries if isinstance(entries, dict) else {}

    def _write(self, entries: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{_NAME}.", dir=self.path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"format": _FORMAT, "files": entries}, stream)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _state(found: os.stat_result) -> list[int]:
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _is_settled(found: os.stat_result) -> bool:
    return time.time_ns() - found.st_mtime_ns >= _SETTLED_NS


def _key_of_many(files: Mapping[str, Path]) -> str:
    return f"{files[min(files)].resolve()} and {len(files) - 1} more"


def _state_of_many(files: Mapping[str, Path], found: Mapping[str, os.stat_result]) -> list[Any]:
    states = [[name, str(files[name]), *_state(found[name])] for name in sorted(files)]
    return [hashlib.sha256(json.dumps(states).encode()).hexdigest()]
