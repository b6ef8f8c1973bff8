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
from tests.cli.books import logbook

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


@pytest.mark.parametrize("name", ["compare", "progress", "report_and_export"])
def test_the_sessions_of_a_page_go_as_shown(name: str, tmp_path: Path) -> None:
    """Figures and words of runs differ from machine to machine; every other line stands in what is really said."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    sessions = re.findall(r"```console\n(.*?)\n```", page, re.DOTALL)
    shown = [part.split("\n") for session in sessions for part in re.split(r"\n\n(?=\$ )", session)]
    assert len(shown) >= 3
    for command, *lines in shown:
        done = logbook(*shlex.split(command.removeprefix("$ logbook ")), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        said = {" ".join(line.split()) for line in f"{done.stdout}\n{done.stderr}".splitlines()}
        for line in lines:
            if not re.search(r"\d|[┤└⣿]", line):
                assert " ".join(line.split()) in said, f"{name}.md shows {line!r}"


@pytest.mark.parametrize("name", ["compare", "progress", "report_and_export", "search", "sql"])
def test_the_commands_of_a_page_take_the_options_that_it_shows(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    commands = re.findall(r"^(?:    |\$ )logbook (.+?)(?:   .*)?$", page, re.MULTILINE)
    assert commands
    for command in commands:
        told = logbook(shlex.split(command)[0], "--help", cwd=tmp_path).stdout
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", command)
        for option in re.findall(r"(?<=\s)(?:--[a-z-]+|-[a-z]\b)", bare):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", told), f"{name}.md: logbook {command}"


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_tests_that_pages_name_are_there() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for named in re.findall(r"`(tests/[\w/.-]+)`", page.read_text(encoding="utf-8")):
            assert (ROOT / named).exists(), f"{page.name} names {named}"
