"""Every example runs as its first lines say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BROKEN = sorted((ROOT / "examples" / "broken").glob("*.json"))
CASE = {*(ROOT / "examples" / "case_study").glob("*.json")}  # a chain, run as one by test_case_study.py
EXAMPLES = sorted({*(ROOT / "examples").rglob("*.json")} - {*BROKEN} - CASE)


def logbook(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logbook_cli", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3
    assert len(BROKEN) >= 12


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reaches_what_it_promises(path: Path, tmp_path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("{")[0]
    assert f"logbook run {path.relative_to(ROOT).as_posix()}" in head
    assert "Takes:" in head
    metric, sense, promised = re.findall(r"([\w-]+) (of about|above|below) (\d+\.\d+)", head)[0]
    condition = f"{metric}<{promised}" if sense == "below" else f"{metric}>{float(promised) - 0.02}"
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    ran = logbook("run", str(path.relative_to(ROOT)), "--json", "--quiet", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    shown = logbook("search", condition, "--json", folder=tmp_path)
    assert f'"{path.stem}' in shown.stdout or '"r1"' in shown.stdout, shown.stdout
    assert "warning" not in ran.stdout


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_the_first_finding_on_a_broken_example_is_what_is_broken(path: Path, tmp_path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("{")[0]
    assert f"logbook run {path.relative_to(ROOT).as_posix()}" in head
    (promised,) = re.findall(r"Finds: +([a-z-]+)", head)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    ran = logbook("run", str(path.relative_to(ROOT)), "--json", "--quiet", folder=tmp_path)
    first = json.loads(ran.stdout)["findings"][0]
    assert first["name"] == promised
