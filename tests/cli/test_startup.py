"""What reading commands import: little, or they'd start slowly. benchmarks/startup.py measures what it comes to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.books import ROOT

HEAVY = {"torch", "numpy", "pandas", "git", "sklearn", "sqlalchemy", "sqlmodel", "alembic", "rich"}
VALIDATORS = {"pydantic.plugin._loader"}
"""Imported by pydantic with the first validator that it builds."""
CONFIG_MODELS = {"logbook_schemas.config.run"}
WHOLE_RUNS = {"logbook_schemas.records.measures", "logbook_schemas.records.runs"}


def modules_of(*arguments: str, cwd: Path) -> set[str]:
    """Return the names of the modules that a command has imported when it is done."""
    code = (
        "import sys\nfrom logbook_cli.app import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


READING = [("ls",), ("ls", "--json"), ("search", "lr<1"), ("search", "lr<1", "hypothesis~better", "--limit", "5")]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_a_list_of_runs_needs_no_more_than_their_summaries(arguments: tuple[str, ...], home: Path) -> None:
    loaded = modules_of(*arguments, cwd=home)
    assert "logbook_schemas.records.summary" in loaded
    assert not loaded & (HEAVY | CONFIG_MODELS | WHOLE_RUNS)


@pytest.mark.parametrize(
    "arguments",
    [("ls",), ("search", "lr<1", "finished"), ("show",), ("show", "--json"), ("diff",), ("diff", "r1", "r2", "--json")],
    ids=" ".join,
)
def test_reading_builds_no_validators_and_no_config_models(arguments: tuple[str, ...], home: Path) -> None:
    loaded = modules_of(*arguments, cwd=home)
    assert "sqlite3" in loaded
    assert not loaded & (HEAVY | CONFIG_MODELS | VALIDATORS)


def test_the_difference_from_the_defaults_needs_the_config_models_and_nothing_heavier(home: Path) -> None:
    loaded = modules_of("diff", "r2", cwd=home)
    assert loaded >= CONFIG_MODELS
    assert not loaded & HEAVY


def test_help_imports_no_pydantic_and_no_store(home: Path) -> None:
    loaded = modules_of("--help", cwd=home)
    assert "typer" in loaded
    assert not loaded & (HEAVY | {"pydantic", "sqlite3", "logbook.store"})


def test_loading_a_trained_network_imports_no_compiler() -> None:
    code = "import sys, logbook.training.trained\nsys.exit('torch._dynamo' in sys.modules)"
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": paths}, timeout=60, check=False
    )
    assert done.returncode == 0
