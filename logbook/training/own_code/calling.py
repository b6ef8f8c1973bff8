"""Calls of the person's own code: found in the config's folder, and what it raises told as theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from logbook.errors import LogbookError, UserCodeError
from logbook.training.own_code.raised import user_code_error
from logbook.training.own_code.targets import call_target, load_target
from logbook_schemas.config.base import PythonTarget

__all__ = ["build_own", "is_out_of_memory", "own_code"]


def build_own(section: PythonTarget, folder: Path, *leading: object, extra: dict[str, Any] | None = None) -> object:
    """Return what the callable of a `python` section returns; `leading` are its first arguments, by position.

    Raises ConfigError where the target doesn't exist or the kwargs don't fit, UserCodeError where it raises.
    """
    function = load_target(section.target, folder)
    if leading:
        function = partial(_as_callable(function), *leading)
    return call_target(function, section.target, section.kwargs, extra=extra)


@contextmanager
def own_code(doing: str) -> Iterator[None]:
    """Turn whatever the person's code raises inside into a UserCodeError that says what was being done.

    Memory that ran out is told in the same way, with what makes the need smaller.
    """
    try:
        yield
    except LogbookError:
        raise
    except (Exception, SystemExit) as error:
        told = user_code_error(error, doing)
        if is_out_of_memory(error):
            advice = "a smaller training.batch_size or model needs less memory"
            told = UserCodeError(f"{told}; {advice}", traceback_text=told.traceback_text)
        raise told from error


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an exception means that the device or the machine had no memory left; torch has several for it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and ("out of memory" in str(error) or "can't allocate memory" in str(error))


def _as_callable(function: object) -> Callable[..., object]:
    # load_target hands over callables only; its return type is wider than that.
    assert callable(function)
    return function
