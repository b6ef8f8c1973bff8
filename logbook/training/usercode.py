"""Tell an exception of the person's own code from one of ours.

Whatever is raised below a frame of the person's code is theirs: it is stored whole and shown short. An exception
with none of their frames is a bug of ours, or one of torch's that our config caused, and keeps its way.
"""

from __future__ import annotations

import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logbook.errors import LogbookError, UserCodeError

__all__ = ["blame"]

_OURS = Path(__file__).resolve().parents[1]
_INSTALLED = tuple({str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")})


@contextmanager
def blame(doing: str) -> Iterator[None]:
    """Turn an exception of the person's own code into a UserCodeError that names its file and line."""
    try:
        yield
    except LogbookError:
        raise
    except Exception as error:
        frame = _last_own_frame(error)
        text = "".join(traceback.format_exception(error))
        what = traceback.format_exception_only(error)[-1].strip()
        if frame is None:
            raise UserCodeError(f"{what} (while {doing})", traceback_text=text) from error
        raise UserCodeError(f"{frame.filename}:{frame.lineno}: {what} (while {doing})", traceback_text=text) from error


def _last_own_frame(error: BaseException) -> traceback.FrameSummary | None:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if _is_persons(frame.filename)), None)


def _is_persons(filename: str) -> bool:
    path = Path(filename)
    if not path.is_absolute() or filename.startswith("<"):
        return False
    resolved = str(path.resolve())
    return not (resolved.startswith(str(_OURS)) or resolved.startswith(_INSTALLED) or resolved == sys.executable)
