"""Commands in processes of their own that kill themselves, or send themselves a signal, at the n-th counted point.

A point is a place where a crash could leave something half done: before and after a commit of SQLite, before a file is
synced or renamed or linked or a checkpoint is removed, at the opening of a file that will be renamed. Nothing of the
product is replaced: what it calls is called, and counted on the way. One process imports the program once, and forks
each command.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Ended", "Forking"]

_TORN = "torn"


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status, -n where signal n killed it, what it said, and the points it came to."""

    status: int
    out: str
    err: str
    points: list[str]

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def acknowledged(self) -> int:
        """Epochs of training that it told as recorded."""
        told = [line.split() for line in self.err.splitlines() if line.startswith("epoch")]
        return max((int(words[1].split("/")[0]) for words in told), default=0)


class Forking:
    """The process that forks the commands; use it in a `with` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Forking:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.points"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(
        self,
        *words: str,
        at: int | str = 0,
        send: Sequence[str] = ("SIGKILL",),
        after: tuple[str, float] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        """Run `logbook WORDS`; at the point of this number, or the first one of this name, it sends itself the signals.

        `torn` in place of a signal cuts the file that is about to be synced in half and kills: what a power cut leaves.
        `after` kills from without, so many seconds after the first line on stderr that begins with the text; after the
        start, where that is empty.
        """
        out, err, points = (self.folder / name for name in ("out", "err", "points"))
        order = {"words": words, "cwd": str(cwd or self.folder), "at": at, "send": list(send), "after": after}
        files = {"out": str(out), "err": str(err), "points": str(points)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**order, **files}) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Ended(status, out.read_text(), err.read_text(), points.read_text().splitlines())


class _Counter:
    """Counts the points of this process and does at one of them what was ordered."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._at, self._send = order["at"], order["send"]
        self._log = os.open(order["points"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._count = 0

    def reach(self, name: str, file: int | None = None) -> None:
        os.write(self._log, f"{name}\n".encode())
        self._count += 1
        if self._at not in (self._count, name):
            return
        self._at = 0
        for one in self._send:
            if one == _TORN and file is not None:
                os.ftruncate(file, os.fstat(file).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL if one == _TORN else getattr(signal, one))


def _count_points(counter: _Counter) -> None:
    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            if sql != "COMMIT":
                return super().execute(sql, *rest)
            counter.reach("commit")
            done = super().execute(sql, *rest)
            counter.reach("committed")
            return done

        def commit(self) -> None:
            counter.reach("commit of the tables")
            super().commit()

    connect = sqlite3.connect
    sqlite3.connect = lambda *words, **options: connect(*words, **{**options, "factory": Connection})  # type: ignore[assignment]
    _count_call("fsync", counter, lambda file: (_name_of(file), file))
    _count_call("unlink", counter, lambda path: (_checkpoint_of(path), None))
    for call in ("replace", "rename", "link"):
        _count_call(call, counter, lambda _old, new: (Path(new).name, None))
    sys.addaudithook(
        lambda event, found: (
            counter.reach(f"open {Path(found[0]).name}")
            if event == "open" and isinstance(found[0], str) and found[0].endswith((".tmp", ".new"))
            else None
        )
    )


def _count_call(name: str, counter: _Counter, named: Callable[..., tuple[str, int | None]]) -> None:
    original = getattr(os, name)

    def counted(*words: Any, **options: Any) -> Any:
        label, file = named(*words)
        if label:
            counter.reach(f"{name} {label}", file)
        return original(*words, **options)

    setattr(os, name, counted)


def _checkpoint_of(path: Any) -> str:
    """Return the name of a whole checkpoint; half a one may go at any time."""
    name = Path(os.fsdecode(path)).name
    return name if name in ("best.pt", "last.pt") else ""


def _name_of(file: int) -> str:
    return Path(f"/proc/self/fd/{file}").readlink().name


@contextlib.contextmanager
def _told_to(order: dict[str, Any]) -> Iterator[None]:
    """Send what the process says to files."""
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _child(order: dict[str, Any]) -> None:
    from logbook_cli.app import main

    os.chdir(order["cwd"])
    status = 70
    with _told_to(order):
        _count_points(_Counter(order))
        try:
            main(order["words"])
        except SystemExit as ended:
            status = int(ended.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
    os._exit(status)


def _serve() -> None:
    _warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        for name in ("out", "err", "points"):
            Path(order[name]).write_text("")
        child = os.fork()
        if child == 0:
            _child(order)
        if order["after"] is not None:
            _kill_after(child, *order["after"], said=Path(order["err"]))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _kill_after(child: int, line: str, delay: float, *, said: Path) -> None:
    """Kill a child that has not been waited for, and may have ended by itself."""
    while line and not any(one.startswith(line) for one in said.read_text().splitlines()):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.002)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)


def _warm_up() -> None:
    """Import what a command imports, by running one: the children begin a second or two later in their lives."""
    config = {"name": "warm", "data": {"source": {"kind": "sklearn", "dataset": "iris"}}, "training": {"epochs": 1}}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cfg.json").write_text(json.dumps(config))
        from logbook_cli.app import main

        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
            main(["run", f"{folder}/cfg.json", "--logbook", f"{folder}/.logbook"])


if __name__ == "__main__":
    _serve()
