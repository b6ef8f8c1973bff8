"""The command `logbook`, assembled; and the one place where an error becomes a message and an exit status."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from logbook.errors import LogbookError, UsageError
from logbook_cli.commands import CommandGroup

__all__ = ["app", "main"]

app = typer.Typer(
    name="logbook",
    cls=CommandGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Typer has its own copy of click in some releases and asks for click in others; the class is the same.
_WrongUseError: type[Any] = typer.BadParameter.__bases__[0]

INTERRUPTED = 130
_REFUSED_PATHS = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM)
_LONGEST_PATH = 200
_TRAIN = ("run", "resume", "rerun", "predict")
_RUN_OWN_CODE = (*_TRAIN, "check")


def _version(is_asked: bool) -> None:
    if is_asked:
        from logbook_cli.version import print_version

        print_version()
        raise typer.Exit


@app.callback()
def logbook(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The experiment logbook for PyTorch: every run an immutable config, every epoch on disk."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit status."""
    from logbook_cli.output import PIPE_CLOSED

    given = list(sys.argv[1:] if arguments is None else arguments)
    _open_closed_streams()
    _start_quickly(given)
    status = _status_of(given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = PIPE_CLOSED
    if status == PIPE_CLOSED:
        # Python flushes once more on its way out, and would complain of the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)


def _open_closed_streams() -> None:
    """Lead streams that were closed before the start to nowhere: no file of ours may get the number of one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  open to the end


def _start_quickly(given: list[str]) -> None:
    """Spare a command that only reads what it doesn't need; one that runs the person's code starts as Python does."""
    if given and given[0] in _RUN_OWN_CODE:
        return
    # Starting up makes many objects and no garbage; looking for some every 700 objects takes a tenth of the time.
    gc.set_threshold(20_000, 20, 20)
    # On its way out Python looks through all of them three times; frozen ones it leaves to the end of the process.
    atexit.register(gc.freeze)
    # Looking for plugins of pydantic reads the metadata of every installed distribution.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _status_of(given: list[str]) -> int:
    try:
        return int(typer.main.get_command(app)(args=given, prog_name="logbook", standalone_mode=False) or 0)
    except LogbookError as error:
        _report(error, given)
        return error.exit_status
    except _WrongUseError as error:
        return _report_wrong_use(error, given)
    except (KeyboardInterrupt, typer.Abort):
        # A run that trains ends by itself, with its end recorded; this is before, behind or beside one.
        from logbook.store.engine import WriteConnection
        from logbook_cli.output import remark

        what = "what was recorded until then stays" if WriteConnection.has_committed else "nothing was recorded"
        remark(f"stopped; {what}")
        return INTERRUPTED
    except Exception as error:
        told = _told_of_path(error) or _explained_by_damage(error, given)
        if told is None:
            raise
        _report(told, given)
        return told.exit_status


def _told_of_path(error: Exception) -> LogbookError | None:
    """Return what is told where the system refuses a path even to be looked at, wherever it was given."""
    if not isinstance(error, OSError) or error.errno not in _REFUSED_PATHS or error.filename is None:
        return None
    path = str(error.filename)
    return UsageError(f"{path if len(path) <= _LONGEST_PATH else f'{path[:_LONGEST_PATH]}…'}: {error.strerror}")


def _explained_by_damage(error: Exception, given: list[str]) -> LogbookError | None:
    """Return what is told of an error that nobody foresaw where the logbook is damaged; of a training nothing is."""
    if not given or given[0] in _TRAIN:
        return None
    from logbook.answers import explained_by_damage

    places = [value for word, value in pairwise(given) if word == "--logbook"]
    places += [word.removeprefix("--logbook=") for word in given if word.startswith("--logbook=")]
    return explained_by_damage(error, logbook=places[-1] if places else None)


def _report(error: LogbookError, given: list[str]) -> None:
    from logbook_cli.output import print_error

    problems = [str(problem) for problem in getattr(error, "problems", ())]
    print_error(str(error), status=error.exit_status, problems=problems, as_json=_wants_json(given))


def _report_wrong_use(error: Any, given: list[str]) -> int:
    """Tell what click refused, in one line and the way to help; a bare `logbook` is no mistake."""
    from logbook_cli.output import print_error

    if not given:
        sys.stdout.write(f"{error.ctx.get_help()}\n")
        return 0
    command = error.ctx.command_path if error.ctx else "logbook"
    message = f"{error.format_message()} ('{command} --help' tells more)"
    print_error(message, status=error.exit_code, as_json=_wants_json(given))
    return int(error.exit_code)


def _wants_json(given: list[str]) -> bool:
    """Say whether `--json` was given; the parse that would say so may be what failed."""
    options = given[: given.index("--")] if "--" in given else given
    return "--json" in options
