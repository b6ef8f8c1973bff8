"""What is told and stored when the person's own code raises: a line to read, and the whole traceback to keep."""

from __future__ import annotations

import sys
import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

from logbook.errors import UserCodeError

__all__ = ["OURS", "user_code_error"]

OURS = str(Path(__file__).resolve().parents[2])
_LONGEST_LINE = 300


def user_code_error(error: BaseException, doing: str, *, skip: tuple[str, ...] = (OURS,)) -> UserCodeError:
    """Turn what the person's code raised into a UserCodeError: `doing` raised ValueError: why (model.py:12).

    The traceback begins with the first frame that is neither below a folder of `skip` nor Python's import
    machinery. Raise the result `from error`.
    """
    error_frames = _cut(error.__traceback__, skip)
    lines = traceback.TracebackException(type(error), error, error_frames).format()
    reason = traceback.format_exception_only(error)[-1].strip().splitlines()
    summary = reason[-1] if isinstance(error, SyntaxError) or not reason else reason[0]
    where = _where(error, error_frames)
    message = f"{doing} raised {_short(summary)}" + (f" ({where})" if where else "")
    return UserCodeError(message, traceback_text="".join(lines))


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def _cut(frames: TracebackType | None, skip: tuple[str, ...]) -> TracebackType | None:
    """Drop our own frames and Python's import machinery from the top; of a syntax error nothing is left."""
    while frames is not None and _is_ours(frames.tb_frame.f_code.co_filename, skip):
        frames = frames.tb_next
    return frames


def _is_ours(file: str, skip: tuple[str, ...]) -> bool:
    return file.startswith(("<frozen importlib", *skip)) or "/importlib/" in file.replace("\\", "/")


def _where(error: BaseException, frames: TracebackType | None) -> str:
    """Name the innermost line of the person's own: an error deep inside a library was caused further out."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}:{error.lineno}"
    found = traceback.extract_tb(frames)
    own = [frame for frame in found if _is_own(frame.filename)]
    if not own:
        return ""
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}"


def _is_own(file: str) -> bool:
    if file.startswith(("<", OURS)) or "site-packages" in file or "dist-packages" in file:
        return False
    library = sysconfig.get_path("stdlib")
    return not file.startswith(library) and (sys.prefix == sys.base_prefix or not file.startswith(sys.prefix))
