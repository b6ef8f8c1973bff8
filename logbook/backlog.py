"""What is to be appended to the record, in its order; what finds no room on the disk waits in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from logbook.errors import StoreFullError

__all__ = ["Backlog"]


class _Write(NamedTuple):
    write: Callable[[], None]
    epoch: int | None


class Backlog:
    """A queue of writes, each one transaction."""

    def __init__(self) -> None:
        self._queue: deque[_Write] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    @property
    def epochs(self) -> list[int]:
        """The epochs that wait."""
        return [one.epoch for one in self._queue if one.epoch is not None]

    def put(self, write: Callable[[], None], *, epoch: int | None = None) -> None:
        """Put a write behind the others."""
        self._queue.append(_Write(write, epoch))

    def flush(self) -> StoreFullError | None:
        """Write what waits, the oldest first, as far as there is room; return what the full disk said."""
        while self._queue:
            try:
                self._queue[0].write()
            except StoreFullError as error:
                return error
            self._queue.popleft()
        return None
