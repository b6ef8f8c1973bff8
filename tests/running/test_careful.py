"""A person's own code is named before it runs, where this logbook has not run its source; `--careful` asks."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import logbook as logbook_api
from logbook.errors import RefusedError
from tests.cli.books import ROOT
from tests.own_modules import forgotten
from tests.running.conftest import Command, write_config

NET = """
from pathlib import Path
from torch import nn
from helper import WIDTH

Path({trace!r}).write_text("ran")

def net(input_shape, output_size):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, output_size))
"""
OWN = {"model": {"kind": "python", "target": "net:net"}, "training": {"epochs": 1}}
NEW = "own code: model net:net ({folder}/net.py) was not run before from this logbook"
REFUSED = "refused: model net:net"


@pytest.fixture
def trace(folder: Path) -> Path:
    """A config whose network is the person's own; the file is there when its module has been imported."""
    trace = folder / "trace"
    (folder / "net.py").write_text(NET.format(trace=str(trace)))
    (folder / "helper.py").write_text("WIDTH = 8\n")
    write_config(folder, OWN)
    return trace


def change(file: Path) -> None:
    file.write_text(f"{file.read_text()}# changed\n")


def news(answer: Any) -> list[str]:
    return [line for line in answer.err.splitlines() if line.startswith("own code: ")]


def fresh(logbook: Command, folder: Path, *words: str) -> Any:
    """Run a command with the folder's modules as a new process would find them."""
    with forgotten(folder):
        return logbook(*words)


def test_code_is_named_once_and_again_when_it_changes(logbook: Command, folder: Path, trace: Path) -> None:
    assert news(fresh(logbook, folder, "run", "cfg.json")) == [NEW.format(folder=folder)]
    assert news(fresh(logbook, folder, "run", "cfg.json")) == []
    assert news(fresh(logbook, folder, "check", "cfg.json", "--start")) == []
    change(folder / "net.py")
    changed = f"own code: model net:net ({folder}/net.py) has changed since r2"
    assert news(fresh(logbook, folder, "check", "cfg.json", "--start")) == [changed]
    assert news(fresh(logbook, folder, "run", "cfg.json")) == [changed]
    assert news(fresh(logbook, folder, "run", "cfg.json")) == []


def test_a_file_that_the_module_imports_counts_too(logbook: Command, folder: Path, trace: Path) -> None:
    fresh(logbook, folder, "run", "cfg.json")
    change(folder / "helper.py")
    (line,) = news(fresh(logbook, folder, "run", "cfg.json"))
    assert line.endswith("net.py) ran as r1 with helper.py, which has changed since")
    assert news(fresh(logbook, folder, "run", "cfg.json")) == []


@pytest.mark.parametrize(
    ("target", "is_known"),
    [
        ("net:Net.build", True),
        ("net:wide", True),
        ("net:Path.touch", False),
        ("net:nn.Linear", False),
        ("net:nn.modules.torch.os.system", False),
        ("net:net.__globals__.get", False),
        ("net:alias", False),
    ],
)
def test_what_a_known_module_only_imports_is_not_known_with_it(
    logbook: Command, folder: Path, trace: Path, target: str, is_known: bool
) -> None:
    """A stranger's config in one's own folder has one's own modules to reach all others by."""
    more = (
        "\n\nclass Net:\n    @staticmethod\n    def build(): return net((64,), 10)\n\ndef wide(): return Net.build()\n"
    )
    (folder / "net.py").write_text(f"{(folder / 'net.py').read_text()}{more}\nalias = net\n")
    fresh(logbook, folder, "run", "cfg.json")
    trace.unlink()
    write_config(folder, {**OWN, "model": {"kind": "python", "target": target}})
    told = news(fresh(logbook, folder, "check", "cfg.json", "--start"))
    assert [target in line and "the module only imports it" in line for line in told] == ([] if is_known else [True])
    trace.unlink()
    answer = fresh(logbook, folder, "check", "cfg.json", "--start", "--careful")
    assert (answer.status == 0) == is_known
    assert trace.exists() == is_known


@pytest.mark.parametrize("command", [["run", "cfg.json"], ["check", "cfg.json", "--start"]])
def test_careful_refuses_new_code_where_nobody_can_be_asked(
    logbook: Command, folder: Path, trace: Path, command: list[str]
) -> None:
    answer = logbook(*command, "--careful")
    assert answer.status == 1
    assert REFUSED in answer.err or "error: model net:net" in answer.err
    assert "nothing of it was run" in answer.err
    assert not trace.exists()
    assert not (folder / ".logbook").exists()


def test_careful_lets_known_code_pass_and_stops_a_changed_one_everywhere(
    logbook: Command, folder: Path, trace: Path
) -> None:
    fresh(logbook, folder, "run", "cfg.json")
    (folder / "rows.csv").write_text(",".join(f"pixel_{n // 8}_{n % 8}" for n in range(64)) + "\n" + "0," * 63 + "0\n")
    predict = ["predict", "r1", "rows.csv", "--careful"]
    trace.unlink()
    assert fresh(logbook, folder, "run", "cfg.json", "--careful").status == 0
    assert trace.exists()
    assert news(fresh(logbook, folder, *predict)) == []
    change(folder / "net.py")
    trace.unlink()
    for words in (["run", "cfg.json", "--careful"], predict, ["check", "cfg.json", "--start", "--careful"]):
        with forgotten(folder):
            answer = logbook(*words)
        assert answer.status == 1, words
        assert "has changed since r2" in answer.err
        assert not trace.exists()
    assert len(logbook("ls", "--json").json["runs"]) == 2


def test_resume_asks_too(logbook: Command, folder: Path, trace: Path) -> None:
    stop = "import os, signal\n_steps = [0]\n"
    (folder / "own.py").write_text(
        f"{stop}def loss():\n    import torch\n"
        "    def f(o, t):\n"
        "        _steps[0] += 1\n"
        "        if _steps[0] == 60 and not os.path.exists('again'): os.kill(os.getpid(), signal.SIGINT)\n"
        "        return torch.nn.functional.cross_entropy(o, t)\n"
        "    return f\n"
    )
    write_config(folder, {**OWN, "loss": {"kind": "python", "target": "own:loss"}, "training": {"epochs": 3}})
    answer = fresh(logbook, folder, "run", "cfg.json", "--json")
    assert answer.json["status"] == "interrupted", answer.err
    (folder / "again").touch()
    change(folder / "own.py")
    trace.unlink()
    answer = fresh(logbook, folder, "resume", "r1", "--careful")
    assert answer.status == 1
    assert "loss own:loss" in answer.err
    assert "has changed since r1" in answer.err
    assert not trace.exists()
    assert logbook("show", "r1", "--json").json["status"] == "interrupted"
    answer = fresh(logbook, folder, "resume", "r1")
    assert answer.status == 0
    assert len(news(answer)) == 1


def test_data_are_checked_before_a_model_is_named(logbook: Command, folder: Path, trace: Path) -> None:
    answer = logbook("check", "cfg.json", "--data", "--careful")
    assert answer.status == 0, answer.err
    assert not trace.exists()


def test_a_callable_of_python_itself_is_named(logbook: Command, folder: Path) -> None:
    mark = folder / "mark"
    source = {"kind": "python", "target": "os:system", "kwargs": {"command": f"touch {mark}"}}
    write_config(folder, {"task": "regression", "data": {"source": source}})
    answer = logbook("check", "cfg.json", "--data", "--careful")
    assert answer.status == 1
    assert "data.source os:system (" in answer.err
    assert not mark.exists()


def test_a_package_is_found_without_being_imported(logbook: Command, folder: Path) -> None:
    package = folder / "mine" / "inner"
    package.mkdir(parents=True)
    for place in (folder / "mine", package):
        (place / "__init__.py").write_text("from pathlib import Path; Path('trace').touch()")
    (package / "net.py").write_text("Path = None")
    write_config(folder, {"model": {"kind": "python", "target": "mine.inner.net:net"}})
    answer = logbook("check", "cfg.json", "--start", "--careful")
    assert f"({package}/net.py) was not run before" in answer.err
    assert not (folder / "trace").exists()
    assert not [name for name in sys.modules if name.startswith("mine")]


def test_a_namespace_package_and_a_missing_module(logbook: Command, folder: Path) -> None:
    (folder / "spread" / "deep").mkdir(parents=True)
    (folder / "spread" / "deep" / "net.py").write_text("def net(): ...")
    write_config(folder, {"model": {"kind": "python", "target": "spread.deep.net:net"}})
    assert "spread/deep/net.py) was not run" in logbook("check", "cfg.json", "--start", "--careful").err
    write_config(folder, {"model": {"kind": "python", "target": "nowhere:net"}})
    answer = logbook("check", "cfg.json", "--start", "--careful")
    assert answer.status == 2
    assert "no module 'nowhere'" in answer.err


def test_careful_runs_the_source_and_not_bytecode_that_claims_to_be_its(folder: Path, trace: Path) -> None:
    """Bytecode beside a source that was run before: Python takes its word for what it was made from."""
    hostile = (
        "import py_compile, pathlib; p = pathlib.Path('net.py'); text = p.read_text();"
        'p.write_text(\'open("stolen", "w")\\n\' + text);'
        "py_compile.compile('net.py', invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH);"
        "p.write_text(text)"
    )
    run(folder, "run", "cfg.json", "--quiet")
    subprocess.run([sys.executable, "-c", hostile], cwd=folder, check=True, timeout=60)
    done = run(folder, "run", "cfg.json", "--quiet", "--careful")
    assert done.returncode == 0, done.stderr
    assert not (folder / "stolen").exists()
    run(folder, "run", "cfg.json", "--quiet")
    assert (folder / "stolen").exists(), "the bytecode was no attack"


@pytest.mark.parametrize(("reply", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks(folder: Path, trace: Path, reply: str, status: int) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "logbook_cli", "check", "cfg.json", "--start", "--careful"],
        cwd=folder,
        env=environment(),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 1024)
    assert not trace.exists()
    os.write(ours, reply.encode())
    assert process.wait(timeout=120) == status
    assert b"was not run before from this logbook" in said
    assert trace.exists() == (status == 0)
    os.close(ours)


def test_from_python_it_warns_or_refuses(logbook: Command, folder: Path, trace: Path) -> None:
    fresh(logbook, folder, "run", "cfg.json")
    change(folder / "net.py")
    trace.unlink()
    found = logbook_api.open(folder / ".logbook").run("r1")
    with forgotten(folder):
        with pytest.raises(RefusedError, match="has changed since r1"):
            found.model("best", careful=True)
        assert not trace.exists()
        with pytest.warns(UserWarning, match="has changed since r1"):
            found.model("best")
        assert trace.exists()


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logbook_cli", *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment() -> dict[str, str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    return {**os.environ, "PYTHONPATH": paths}


def test_a_refused_run_says_so_as_json(logbook: Command, folder: Path, trace: Path) -> None:
    answer = logbook("run", "cfg.json", "--careful", "--json")
    assert json.loads(answer.out)["status"] == "refused"
    assert "was not run before" in json.loads(answer.out)["reason"]
