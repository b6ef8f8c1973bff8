"""What lies under the logbook: whether its file system is remote, and how much room is left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["free_bytes", "remote_kind"]

MOUNTS = Path("/proc/self/mounts")

REMOTE = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "virtiofs", "fuse"}
)
"""File systems on which SQLite's write-ahead log or its locks can't be relied upon."""


def remote_kind(path: Path, *, mounts: Path = MOUNTS) -> str | None:
    """Return the type of the remote file system that holds `path`, or None for a local or unknown one."""
    try:
        lines = mounts.read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    resolved = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        point = _unescape(fields[1]) if len(fields) > 2 else ""
        # A later line for the same point is mounted over the earlier one.
        if point and _holds(point, resolved) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if kind.partition(".")[0] in REMOTE else None


def free_bytes(path: Path) -> int | None:
    """Return how many bytes can still be written where `path` lies, or None where that isn't known."""
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _holds(point: str, path: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def _unescape(text: str) -> str:
    """Undo the octal escapes of the mount table (a blank is written as \\040)."""
    for code in ("\\040", "\\011", "\\012", "\\134"):
        text = text.replace(code, chr(int(code[1:], 8)))
    return text
