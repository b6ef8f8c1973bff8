"""Run the README's tour for real, and write its output into README.md and docs/tour.svg.

    python docs/make_tour.py            write both
    python docs/make_tour.py --check    say whether the README still shows the commands of the tour

The commands run in a terminal of their own (a pty), so what is shown is what a person sees.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "tour.svg"
START, END = "<!-- tour:start -->", "<!-- tour:end -->"
COMMANDS = (
    "logbook run examples/digits/mlp.json",
    "sed 's/0.001/0.3/' examples/digits/mlp.json > examples/digits/fast.json",
    "logbook run examples/digits/fast.json",
    "logbook diff @-1 @",
    "logbook compare @-1 @",
    'logbook outcome @ dead-end --because "the rate is far too high"',
    "logbook run examples/digits/fast.json",
    "logbook search outcome:dead-end",
)
IN_PICTURE = (0, 1, 2, 5, 6)
_WIDTH = 110


def main() -> None:
    """Write the tour, or with `--check` compare its commands with those that the README shows."""
    shown = _shown_commands(README.read_text(encoding="utf-8"))
    if "--check" in sys.argv:
        sys.exit(0 if shown == list(COMMANDS) else f"README.md shows {shown}; run docs/make_tour.py")
    with tempfile.TemporaryDirectory() as name:
        folder = _workplace(Path(name))
        outputs = [_in_terminal(command, folder) for command in COMMANDS]
    _write_readme(outputs)
    _write_picture([(COMMANDS[place], outputs[place]) for place in IN_PICTURE])


def _workplace(folder: Path) -> Path:
    """Return a copy of the examples in a fresh repository."""
    place = folder / "work"
    shutil.copytree(ROOT / "examples", place / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    person = ("-c", "user.name=You", "-c", "user.email=you@example.org")
    for words in (("init", "-q"), ("add", "."), (*person, "commit", "-qm", "examples")):
        subprocess.run(["git", *words], cwd=place, check=True)
    return place


def _in_terminal(command: str, folder: Path) -> str:
    """Return what a command writes to a terminal; lines that were written over are left out."""
    script = shutil.which("logbook") or f"{sys.executable} -m logbook_cli"
    line = re.sub(r"^logbook\b", script, command)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(_WIDTH), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        line, shell=True, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True
    )
    os.close(theirs)
    written = io.BytesIO()
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        written.write(chunk)
        if written.getvalue().endswith(b"[y/N] "):
            os.write(ours, b"n\n")
    process.wait()
    os.close(ours)
    text = written.getvalue().decode().replace("\r\n", "\n")
    kept = [re.sub(r".*(\r|\x1b\[2K)", "", each) for each in text.split("\n")]
    # Where this machine keeps its programs is nobody's business.
    here = str(Path(script.split()[0]).parent) + os.sep
    return "\n".join(kept).strip("\n").replace(here, "")


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def _write_readme(outputs: list[str]) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = [f"$ {command}\n{_plain(output)}".rstrip() for command, output in zip(COMMANDS, outputs, strict=True)]
    tour = "```console\n" + "\n\n".join(blocks) + "\n```"
    before, after = text.split(START)[0], text.split(END)[1]
    README.write_text(f"{before}{START}\n{tour}\n{END}{after}", encoding="utf-8")


def _write_picture(parts: list[tuple[str, str]]) -> None:
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    for command, output in parts:
        console.print(Text(f"$ {command}", style="bold"))
        if output:
            console.print(Text.from_ansi(output))
        console.print()
    picture = console.export_svg(title="logbook")
    # Fonts from the network are left out: the picture is whole, and whoever looks at it tells nobody.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.S), encoding="utf-8")


def _shown_commands(readme: str) -> list[str]:
    tour = readme.split(START)[1].split(END)[0]
    return [line[2:] for line in tour.splitlines() if line.startswith("$ ")]


if __name__ == "__main__":
    main()
