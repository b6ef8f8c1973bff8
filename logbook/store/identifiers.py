"""What a run is called: a UUIDv7 for machines, two words for people, and the points in time beside them."""

from __future__ import annotations

import os
import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from logbook.store.words import ADJECTIVES, ANIMALS

__all__ = ["new_uuid", "new_words", "utc_now"]

_guard = threading.Lock()
_last = 0


def new_uuid() -> str:
    """Return a UUIDv7: later ones of this process sort after earlier ones.

    48 bits of milliseconds and 12 bits of their fraction (RFC 9562, 6.2, method 3), then 62 random bits. Where the
    clock stands still or goes back, the last point in time is counted on by the smallest step.
    """
    global _last
    with _guard:
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        _last = max(_last + 1, (milliseconds << 12) | (rest * 4096 // 1_000_000))
        stamp = _last
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62
    return str(uuid.UUID(int=value | int.from_bytes(os.urandom(8)) >> 2))


def new_words(is_taken: Callable[[str], bool]) -> str:
    """Return two words that no run of the store has; where chance finds none, a number follows them."""
    chance = random.SystemRandom()
    for attempt in range(1_000):
        words = f"{chance.choice(ADJECTIVES)}-{chance.choice(ANIMALS)}"
        # Nearly all pairs are taken once ten draws failed: from then on a number makes room.
        name = words if attempt < 10 else f"{words}-{chance.randint(2, 10 ** (1 + attempt // 10))}"
        if not is_taken(name):
            return name
    raise AssertionError("a thousand draws with growing numbers can't all be taken")


def utc_now() -> str:
    """Return the point in time as the store writes it: UTC, microseconds, `Z`; sorts as text."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{nanoseconds // 1000:06d}Z"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
