"""The arrows between the layers, and what a command may import: held by looking at every import statement."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "logbook": ROOT / "logbook",
    "logbook_schemas": ROOT / "schemas" / "logbook_schemas",
    "logbook_cli": ROOT / "cli" / "logbook_cli",
}
MAY_IMPORT = {
    "logbook_schemas": {"logbook_schemas"},
    "logbook": {"logbook", "logbook_schemas"},
    "logbook_cli": {"logbook", "logbook_schemas", "logbook_cli"},
}
PARTS = {"training", "history", "plotting", "provenance", "reporting", "store"}
"""Parts of `logbook` that stand below what composes them; of these only `store` may be known to the others."""

COMPOSERS = {
    "running",
    "resuming",
    "rerunning",
    "repeating",
    "sources",
    "attempts",
    "recording",
    "gates",
    "building",
    "initial",
    "results",
    "book",
    "comparing",
    "plots",
    "reports",
    "found",
    "searching",
    "backing_up",
    "collecting",
    "redacting",
    "trusting",
}

HEAVY = {"torch", "pandas", "matplotlib", "scipy", "git", "sqlalchemy", "sqlmodel", "alembic", "sklearn"}


def files() -> Iterator[tuple[str, Path]]:
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            yield package, path


def imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each imported module's dotted name, and whether it is imported when the file is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {id(node) for outer in ast.walk(tree) if _is_late(outer) for node in ast.walk(outer)}
    for node in ast.walk(tree):
        at_once = id(node) not in late
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides which layer it reaches"
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield (submodule if submodule in MODULES else node.module), at_once


def _is_late(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _module(path: Path) -> str:
    for package, folder in PACKAGES.items():
        if folder in path.parents:
            words = [package, *path.relative_to(folder).with_suffix("").parts]
            return ".".join(words[:-1] if words[-1] == "__init__" else words)
    raise AssertionError(path)


MODULES = {_module(path) for _, path in files()}


def test_layers_import_downwards_only() -> None:
    seen = 0
    for package, path in files():
        for module, _ in imports_of(path):
            top = module.split(".")[0]
            if top in PACKAGES:
                seen += 1
                assert top in MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {module}"
    assert seen > 100


def test_parts_of_logbook_do_not_know_each_other() -> None:
    seen = 0
    for part in PARTS:
        for path in sorted((ROOT / "logbook" / part).rglob("*.py")):
            seen += 1
            for module, _ in imports_of(path):
                words = module.split(".")
                if words[0] == "logbook" and len(words) > 1 and words[1] in PARTS | COMPOSERS:
                    assert words[1] in {part, "store"}, f"{path.relative_to(ROOT)} imports {module}"
    assert seen > 30


def test_torch_is_imported_by_training_only() -> None:
    for _, path in files():
        if (ROOT / "logbook" / "training") in path.parents:
            continue
        assert not [m for m, _ in imports_of(path) if m.split(".")[0] == "torch"], f"{path} imports torch"


def test_matplotlib_is_imported_by_plotting_only() -> None:
    for _, path in files():
        if (ROOT / "logbook" / "plotting") in path.parents:
            continue
        assert not [m for m, _ in imports_of(path) if m.split(".")[0] == "matplotlib"], f"{path} imports matplotlib"


def test_schemas_need_pydantic_only() -> None:
    allowed = sys.stdlib_module_names | {"logbook_schemas", "pydantic", "pydantic_core", "rfc8785", "annotated_types"}
    for package, path in files():
        if package != "logbook_schemas":
            continue
        for module, _ in imports_of(path):
            assert module.split(".")[0] in allowed, f"{path.relative_to(ROOT)} imports {module}"


def test_sql_is_spoken_in_the_store_only() -> None:
    speakers = {"sqlite3", "sqlalchemy", "sqlmodel", "alembic"}
    for _, path in files():
        if (ROOT / "logbook" / "store") in path.parents:
            continue
        spoken = [m for m, _ in imports_of(path) if m.split(".")[0] in speakers]
        assert not spoken, f"{path.relative_to(ROOT)} imports {spoken}"


def test_no_import_goes_in_a_circle() -> None:
    """Only imports made when a file is imported can lock each other out."""
    graph = {_module(path): {m for m, at_once in imports_of(path) if at_once} for _, path in files()}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module in done:
            return
        for other in graph.get(module, ()):
            visit(other, (*trail, module))
        done.add(module)

    done: set[str] = set()
    for module in graph:
        visit(module, ())
    assert len(done) > 100


def test_no_file_is_long() -> None:
    long = {str(p.relative_to(ROOT)): n for _, p in files() if (n := len(p.read_text().splitlines())) > 400}
    assert not long


@pytest.mark.parametrize("module", ["logbook", "logbook_cli.app", "logbook_schemas.checklist.catalogue"])
def test_importing_costs_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & HEAVY
