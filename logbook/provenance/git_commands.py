"""Git's own programs, asked through GitPython so that nothing which a repository names gets to run.

A repository's config can name programs: a file-system monitor, hooks, external diffs, text converters, clean
filters, transports. Each is switched off here. What stays are filters from the person's own config (git-lfs):
without them git can't say whether a file changed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

__all__ = ["GitFailure", "GitOutput", "GitTimeout", "Repository"]

# A value of false or nothing names no program. `safecrlf` only keeps a warning per file out of the way;
# `autoRefreshIndex` keeps `git diff` from taking the person's index.lock.
_SAFE_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    "core.safecrlf=false",
    "diff.autoRefreshIndex=false",
    "diff.external=",
    "protocol.allow=never",
)

_SAFE_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch, through whatever transport it names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}

_FILTER_KEYS = ("clean", "smudge", "process")

_environment_lock = threading.Lock()


class GitFailure(Exception):  # noqa: N818  # not an error of the program: it becomes a line of the record
    """Git could not answer; the text says why."""


class GitTimeout(GitFailure):
    """Git took longer than its time limit."""


@dataclass(frozen=True, slots=True)
class GitOutput:
    """What a command printed; `complete` is False when it was stopped at the size limit."""

    content: bytes
    complete: bool


class Repository:
    """The repository around a folder, read-only. Making one raises GitFailure where there is none."""

    def __init__(self, folder: Path, *, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._overrides: list[str] = [argument for setting in _SAFE_SETTINGS for argument in ("-c", setting)]
        top = self.ask(["rev-parse", "--show-toplevel"]).content.removesuffix(b"\n")
        self.root = Path(os.fsdecode(top))
        if not folder.is_relative_to(self.root.resolve()):
            raise GitFailure(f"the repository says that its work tree is {self.root}, which is elsewhere")
        self._folder = self.root
        self.remotes, filters, hooks, self._filters_of_persons = self._read_config()
        self.filters_off = self._switch_off(filters, hooks)

    def ask(self, arguments: Sequence[str], *, limit: int = 16 << 20) -> GitOutput:
        """Run one reading command and return at most `limit` bytes of what it prints.

        Raises GitTimeout, and GitFailure with git's own words when it fails.
        """
        with _clean_environment():
            git = _import_git()
            command = [git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git", "-C", str(self._folder), *self._overrides]
            try:
                process = git.Git(str(self._folder)).execute(
                    [*command, *arguments],
                    as_process=True,
                    env=_SAFE_ENVIRONMENT,
                    start_new_session=sys.platform != "win32",
                )
            except git.GitCommandNotFound as error:
                raise GitFailure("git is not installed, or not on the path") from error
        return _read(process.proc, limit=limit, seconds=self._seconds)

    def require_no_filter(self) -> bool:
        """Have git take a file as it holds it where a filter of the person's own fails; False where there is none."""
        for name in sorted(self._filters_of_persons):
            self._overrides += ["-c", f"filter.{name}.required=false"]
        return bool(self._filters_of_persons)

    def _read_config(self) -> tuple[dict[str, str], set[str], set[str], set[str]]:
        """Read the remotes' URLs, the names of the filters and hooks of the repository, and of the person's filters."""
        output = self.ask(["config", "--list", "--show-scope", "--null"]).content
        fields = output.decode("utf-8", "surrogateescape").split("\0")
        remotes: dict[str, str] = {}
        filters, hooks, of_persons = set[str](), set[str](), set[str]()
        for scope, entry in zip(fields[::2], fields[1::2], strict=False):
            key, _, value = entry.partition("\n")
            section, _, rest = key.partition(".")
            name, _, variable = rest.rpartition(".")
            if section == "remote" and variable == "url":
                remotes.setdefault(name, value)
            if section == "filter" and name:
                (filters if scope in ("local", "worktree") else of_persons).add(name)
            if section == "hook" and name and scope in ("local", "worktree"):
                hooks.add(name)
        return remotes, filters, hooks, {name for name in of_persons - filters if "=" not in name}

    def _switch_off(self, filters: set[str], hooks: set[str]) -> tuple[str, ...]:
        for kind, names in (("filter", filters), ("hook", hooks)):
            if odd := [name for name in names if "=" in name]:
                raise GitFailure(f"the repository defines a {kind} {odd[0]!r}, which can't be switched off")
        for name in sorted(hooks):
            # Since git 2.54 a hook may stand in the config, where `core.hooksPath` means nothing to it.
            self._overrides += ["-c", f"hook.{name}.enabled=false", "-c", f"hook.{name}.event="]
        for name in sorted(filters):
            for key in _FILTER_KEYS:
                self._overrides += ["-c", f"filter.{name}.{key}="]
            self._overrides += ["-c", f"filter.{name}.required=false"]
        return tuple(sorted(filters))


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    """Take every GIT_ variable out while a child starts: in a git hook, GIT_DIR points at another repository.

    GitPython always starts from `os.environ` and can only add to it, so this has to happen there.
    """
    with _environment_lock:
        taken = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
        try:
            yield
        finally:
            os.environ.update(taken)


def _import_git() -> Any:
    """Import GitPython late (it costs 0.1 s), and without failing where git is not installed."""
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    try:
        import git
    finally:
        del os.environ["GIT_PYTHON_REFRESH"]
    return git


def _read(process: subprocess.Popen[bytes], *, limit: int, seconds: float) -> GitOutput:
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[bytes] = []
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        _kill(process)

    drain = threading.Thread(target=_drain, args=(process.stderr, errors), daemon=True)
    watchdog = threading.Timer(seconds, stop)
    watchdog.daemon = True
    drain.start()
    watchdog.start()
    try:
        content = process.stdout.read(limit + 1)
        complete = len(content) <= limit
        if not complete:
            _kill(process)
        status = process.wait()
    finally:
        watchdog.cancel()
        _kill(process)
        drain.join(timeout=1)
        process.stdout.close()
        process.stderr.close()
    if timed_out.is_set():
        raise GitTimeout(f"git took more than {seconds:g} s")
    if complete and status != 0:
        raise GitFailure(_first_line(errors) or f"git ended with status {status}")
    return GitOutput(content[:limit], complete)


def _drain(stream: IO[bytes], into: list[bytes]) -> None:
    # A full pipe would stop git, so everything is read; only the beginning is kept.
    for line in stream:
        if len(into) < 20:
            into.append(line)


def _first_line(errors: Sequence[bytes]) -> str:
    lines = [line.decode("utf-8", "backslashreplace").strip() for line in errors]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return next(iter([*fatal, *lines]), "").removeprefix("fatal:").strip()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started: a filter that outlives git would hold the pipe open."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
