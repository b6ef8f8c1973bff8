"""The experiment logbook for PyTorch. `logbook --help` shows the commands; errors are in `logbook.errors`."""

from logbook.errors import (
    ConfigError,
    DataError,
    LogbookError,
    NotFoundError,
    RefusedError,
    StoreError,
    UsageError,
    UserCodeError,
)

__all__ = [
    "ConfigError",
    "DataError",
    "LogbookError",
    "NotFoundError",
    "RefusedError",
    "StoreError",
    "UsageError",
    "UserCodeError",
    "__version__",
]

__version__ = "0.1.0"
