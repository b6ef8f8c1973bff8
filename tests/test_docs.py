"""What the README says is true: its commands exist, run, and are those of the tour's script."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logbook_cli.app import main
from logbook_cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MORE = README.split("<!-- tour:end -->")[1]


def commands_of(text: str) -> list[str]:
    return [line[2:].split("  #")[0].strip() for line in text.splitlines() if line.startswith("$ logbook ")]


def test_the_tour_is_the_scripts() -> None:
    check = [sys.executable, str(ROOT / "docs" / "make_tour.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (ROOT / "docs" / "tour.svg").stat().st_size > 10_000


def test_every_command_has_help_and_stands_in_the_readme_or_its_help() -> None:
    known = {entry.name for entry in COMMANDS}
    assert len(known) >= 13
    shown = {shlex.split(command)[1] for command in commands_of(README)}
    assert shown <= known
    assert all(entry.about.endswith(".") for entry in COMMANDS)


def test_the_readmes_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    commands = ["logbook run examples/digits/mlp.json --set training.epochs=1 --quiet", *commands_of(MORE)]
    assert len(commands) > 6
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command)[1:])
        assert ended.value.code == 0, command


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
