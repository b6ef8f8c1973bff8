"""Commands as a person calls them, on a logbook of 10,000 runs, against importing what they are made of.

Processes take turns; bytecode is cached, as it is after an installation's first command.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Ratio, interleaved

__all__ = ["logbook_command", "measure_startup"]

ROOT = Path(__file__).resolve().parents[1]

READING = (
    ("ls",),
    ("show",),
    ("diff",),
    ("search", "lr<1e-4 val_loss.best<0.3 outcome:dead-end"),
)
UNBOUND = (("diff", "@"), ("search", "lr<1e-3"), ("ls", "--all"))
"""Without a goal: the defaults come from the config models, and lists of thousands take their time to print."""


def measure_startup(folder: Path) -> list[Ratio]:
    """Return the ratios of commands to the imports: `--help` to Typer's, what reads to Typer's and pydantic's."""
    typer, both = _python("-c", "import typer"), _python("-c", "import typer, pydantic")
    ratios = [interleaved("logbook --help / import typer", logbook_command(folder, "--help"), typer, goal=1.5)]
    for arguments, goal in (*((one, 2.0) for one in READING), *((one, None) for one in UNBOUND)):
        what = f"logbook {' '.join(arguments)} / import typer, pydantic"
        ratios.append(interleaved(what, logbook_command(folder, *arguments), both, goal=goal))
    return ratios


def logbook_command(folder: Path, *arguments: str) -> Callable[[], object]:
    """Return what runs a command on a logbook."""
    return _python("-m", "logbook_cli", *arguments, LOGBOOK_STORE=str(folder))


def _python(*arguments: str, **variables: str) -> Callable[[], object]:
    """Return what runs Python once; an exit status other than 0 is an error, not a quick command."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    environment = {**kept, "PYTHONPATH": paths, **variables}
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, env=environment, capture_output=True, check=True)


if __name__ == "__main__":
    for ratio in measure_startup(Path(sys.argv[1])):
        sys.stdout.write(f"{ratio.row()}\n")
