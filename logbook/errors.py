"""The errors a user can meet, and the exit status that each one means.

    LogbookError                 something the user can mend; the message says what, where and how
    ├── UsageError          (2)  a command, option or query that can't be meant
    │   └── ConfigError     (2)  a config that can't run; carries every problem found
    │       └── FrozenError (2)  a model of which nothing can be trained
    ├── DataError           (2)  a data source that doesn't hold what the config says
    ├── RefusedError        (1)  a run that was stopped before it began: a finding, or a known dead end
    ├── UserCodeError       (1)  the person's own model, data, loss or metric raised
    ├── StoreError          (3)  the logbook's file can't be read or written
    │   ├── DamagedError    (3)  a row no longer says what was written; `logbook fsck` says what else
    │   └── StoreFullError  (3)  there is no room left for it; what was recorded before is kept
    ├── NotFoundError       (4)  no such run, version or config
    └── StoppedError    (128+n)  signal n came before there was a run; nothing was recorded

`try: … except LogbookError as error: print(error)` catches them all. Anything else that escapes is a
bug of ours, and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ConfigError",
    "DamagedError",
    "DataError",
    "FrozenError",
    "LogbookError",
    "NotFoundError",
    "RefusedError",
    "StoppedError",
    "StoreError",
    "StoreFullError",
    "UsageError",
    "UserCodeError",
]


class LogbookError(Exception):
    """Something went wrong that the user can mend; `exit_status` is what a command returns for it."""

    exit_status: int = 1


class UsageError(LogbookError):
    """A command, option or query that can't be meant."""

    exit_status = 2


class ConfigError(UsageError):
    """A config that can't run. `problems` holds each one as a line `file:line:column: path: what`."""

    def __init__(self, message: str, *, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class FrozenError(ConfigError):
    """A model all of whose `parameters`, so many, are frozen."""

    def __init__(self, message: str, *, parameters: int) -> None:
        super().__init__(message)
        self.parameters = parameters


class DataError(LogbookError):
    """A data source that doesn't hold what the config says."""

    exit_status = 2


class RefusedError(LogbookError):
    """A run that was stopped before it began; nothing was recorded."""


class UserCodeError(LogbookError):
    """The person's own code raised; `traceback_text` is the whole traceback, as stored."""

    def __init__(self, message: str, *, traceback_text: str = "") -> None:
        super().__init__(message)
        self.traceback_text = traceback_text


class StoreError(LogbookError):
    """The logbook's file can't be read or written: locked, full, read-only, corrupt, or of another version."""

    exit_status = 3


class DamagedError(StoreError):
    """A row of the record no longer says what was written."""


class StoreFullError(StoreError):
    """There is no room left to write; what was recorded before is kept. A training may wait and write again."""


class NotFoundError(LogbookError):
    """No such run, version or config."""

    exit_status = 4


class StoppedError(LogbookError):
    """A stop signal came before there was a run to be ended; nothing was recorded."""

    def __init__(self, message: str, *, exit_status: int) -> None:
        super().__init__(message)
        self.exit_status = exit_status
