"""Processes that make a run again, forked from one that has imported torch already: some seconds less for each.

What the command starts is `python -P -c PROGRAM …`; here it is a fork that runs the same program, with the same
arguments, folder, environment and pipes. What Python reads at its start (PYTHONHASHSEED, PYTHONPATH, the number of
threads) is that of the server: tests of those start real processes, as `Project.rerun` does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

__all__ = ["forked_processes"]

_SERVER = """
import fcntl, json, os, socket, sys, traceback
import torch, torch._dynamo, logbook.repeating, logbook.running, logbook.building, logbook.training.trainer
import logbook.training.data.probe

server = socket.socket(fileno=int(sys.argv[1]))

def child(asked, descriptors):
    os.setpgid(0, 0)
    output, *pipes = descriptors
    os.dup2(output, 1)
    os.dup2(output, 2)
    for ours, wanted in zip([fcntl.fcntl(pipe, fcntl.F_DUPFD, 100) for pipe in pipes], asked["pipes"]):
        os.dup2(ours, wanted)
        os.close(ours)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["-c", *asked["arguments"]]
    try:
        exec(compile(asked["program"], "<string>", "exec"), {"__name__": "__main__"})
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)

while True:
    message, descriptors, _, _ = socket.recv_fds(server, 1 << 20, 8)
    if not message:
        break
    number = os.fork()
    if not number:
        child(json.loads(message), descriptors)
    for one in descriptors:
        os.close(one)
    server.sendall(f"{number}\\n".encode())
    server.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])}\\n".encode())
"""


@contextmanager
def forked_processes() -> Iterator[SimpleNamespace]:
    """Yield what stands in for the module `subprocess` where a rerun starts its process; one at a time."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-c", _SERVER, str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        lines = ours.makefile("r")

        def start(command: Sequence[str], **how: Any) -> _Forked:
            return _Forked(ours, lines, command, **how)

        yield SimpleNamespace(Popen=start, DEVNULL=subprocess.DEVNULL)
        lines.close()
        ours.close()
        server.wait(timeout=60)


class _Forked:
    """As much of a `Popen` as a rerun uses."""

    def __init__(
        self,
        server: socket.socket,
        lines: Any,
        command: Sequence[str],
        *,
        cwd: Any,
        env: Mapping[str, str],
        pass_fds: Sequence[int],
        stdout: int,
        **_rest: Any,
    ) -> None:
        program, *arguments = command[3:]
        asked = {"program": program, "arguments": arguments, "cwd": str(cwd), "env": dict(env), "pipes": [*pass_fds]}
        socket.send_fds(server, [json.dumps(asked).encode()], [stdout, *pass_fds])
        self._lines = lines
        self.pid = int(lines.readline())
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        self.returncode = int(self._lines.readline())
        return self.returncode

    def poll(self) -> int | None:
        return self.returncode
