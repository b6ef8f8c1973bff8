"""The experiment logbook for PyTorch. `logbook --help` shows the commands; errors are in `logbook.errors`.

book = logbook.open()                       # found as the commands find it
model = book.run("r42").model("best")       # the trained network, its preparation with it
model.predict("rows.csv").values            # original units, names of classes
book.search("lr<1e-3", columns="lr,val_loss").frame()       # pandas
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from logbook.book import Book, Run
    from logbook.found import Found
    from logbook.training.predictions import Predictions
    from logbook.training.trained import TrainedModel

__all__ = [
    "Book",
    "ConfigError",
    "DataError",
    "Found",
    "LogbookError",
    "NotFoundError",
    "Predictions",
    "RefusedError",
    "Run",
    "StoreError",
    "TrainedModel",
    "UsageError",
    "UserCodeError",
    "__version__",
    "open",
]

__version__ = "0.1.0"

_LATE = {
    "Book": "logbook.book",
    "Found": "logbook.found",
    "Predictions": "logbook.training.predictions",
    "Run": "logbook.book",
    "TrainedModel": "logbook.training.trained",
}
"""Where a name is found when it is first asked for: importing logbook brings no store and no torch along."""


def open(folder: str | Path | None = None) -> Book:
    """Return the logbook in a folder, or the one that the commands would find from here.

    Raises NotFoundError where there is none, StoreError where it can't be read.
    """
    from logbook.book import Book

    return Book(folder)


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'logbook' has no attribute {name!r}")
