"""Processes that the system refuses locks or shared memory, as some network file systems do.

A filter of system calls (seccomp) answers with the error that such a file system gives. It is the kernel that refuses;
nothing of SQLite or of the product is replaced. Linux on x86-64 or AArch64 only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

__all__ = ["FLOCK", "LOCKS", "SHARED_MEMORY", "forbid", "forbidding", "needs_filter"]

_CALLS = {"x86_64": {"flock": 73, "fcntl": 72, "mmap": 9}, "aarch64": {"flock": 32, "fcntl": 25, "mmap": 222}}
_NUMBERS = _CALLS.get(platform.machine(), {}) if sys.platform == "linux" else {}

Rule = tuple[str, int, frozenset[int], int]
"""A call, the place of the argument that is looked at, the values of it that are refused, and with what error."""

_F_SETLK, _F_SETLKW, _F_GETLK, _MAP_SHARED = 6, 7, 5, 1
FLOCK: Rule = ("flock", 1, frozenset(range(16)), errno.EOPNOTSUPP)
LOCKS: Rule = ("fcntl", 1, frozenset({_F_SETLK, _F_SETLKW, _F_GETLK}), errno.ENOLCK)
SHARED_MEMORY: Rule = ("mmap", 3, frozenset({_MAP_SHARED}), errno.ENODEV)

_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06


def _program(rules: Iterable[Rule]) -> bytes:
    """Return the filter, in the kernel's instructions (`man 2 seccomp`)."""
    code = []
    for call, place, values, error in rules:
        block = [(_LOAD, 0, 0, 16 + 8 * place)]
        for value in sorted(values):
            block += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ERROR | error)]
        code += [(_LOAD, 0, 0, 0), (_EQUAL, 0, len(block), _NUMBERS[call]), *block]
    return b"".join(struct.pack("HBBI", *one) for one in [*code, (_RETURN, 0, 0, _ALLOW)])


def forbid(rules: Iterable[Rule]) -> None:
    """Have this process, and all that it starts, refused what the rules say."""
    program = _program(rules)
    room = ctypes.create_string_buffer(program)
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(room))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, filtered = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(set_filter, filtered, head, 0, 0):
        raise OSError(ctypes.get_errno(), "no filter of system calls here")


def forbidding(rules: Iterable[Rule], words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that is refused what the rules say, and wait for its end."""
    names = ",".join(one[0] for one in rules)
    return subprocess.run(
        [sys.executable, "-m", "tests.store.forbidding", names, str(folder), *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def _can_forbid() -> bool:
    if not _NUMBERS:
        return False
    child = os.fork()
    if child == 0:
        try:
            forbid([FLOCK])
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


needs_filter = pytest.mark.skipif(not _can_forbid(), reason="no filter of system calls (seccomp) here")


if __name__ == "__main__":
    wanted = sys.argv[1].split(",")
    forbid([rule for rule in (FLOCK, LOCKS, SHARED_MEMORY) if rule[0] in wanted])
    os.chdir(sys.argv[2])
    os.execvp(sys.argv[3], sys.argv[3:])
