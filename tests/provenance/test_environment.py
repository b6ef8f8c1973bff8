"""What is recorded of the machine, and that looking costs little."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from importlib import metadata

import pytest

from logbook.provenance import capture_environment, content_hash
from logbook.provenance.environment import VARIABLES, installed_distributions


def run_python(code: str, *arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_machine_and_python_are_recorded():
    record, blobs = capture_environment()
    assert record.python == platform.python_version()
    assert record.implementation == platform.python_implementation()
    assert record.host == platform.node()
    assert record.cpu_count == os.cpu_count()
    assert record.cwd == os.getcwd()  # noqa: PTH109
    assert record.cpu
    assert set(blobs) == {record.distributions_blob}


def test_distributions_are_a_sorted_list_named_by_its_hash():
    record, blobs = capture_environment()
    content = blobs[record.distributions_blob]
    lines = content.decode().splitlines()
    assert content_hash(content) == record.distributions_blob
    assert lines == sorted(set(lines))
    assert f"pydantic=={metadata.version('pydantic')}" in lines
    assert f"pytest=={metadata.version('pytest')}" in lines


def test_distributions_agree_with_the_slow_way():
    slow = {d.metadata["Name"].lower().replace("_", "-").replace(".", "-"): d.version for d in metadata.distributions()}
    assert set(installed_distributions()) == {f"{name}=={version}" for name, version in slow.items()}


def test_looking_imports_no_torch_numpy_or_git():
    code = (
        "import sys; from logbook.provenance import *; capture_environment(); capture_code([]);"
        "print({'torch', 'numpy', 'pandas', 'git', 'sqlalchemy'} & set(sys.modules))"
    )
    assert run_python(code) == "set()"


def test_looking_is_fast():
    best = 1.0
    for _ in range(3):
        began = time.perf_counter()
        capture_environment()
        best = min(best, time.perf_counter() - began)
    assert best < 0.2


def test_torch_is_recorded_when_it_is_loaded_and_no_context_is_made():
    code = (
        "import torch; from logbook.provenance import *; record, _ = capture_environment();"
        "print(record.torch == torch.__version__, record.cuda == torch.version.cuda, torch.cuda.is_initialized())"
    )
    assert run_python(code) == "True True False"


@pytest.mark.gpu
def test_the_gpus_are_named_with_and_without_a_context():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    before, _ = capture_environment()
    torch.zeros(1, device="cuda")
    after, _ = capture_environment()
    assert after.gpus[0] == torch.cuda.get_device_name(0)
    assert before.gpus == after.gpus
    assert after.driver


def test_secrets_on_the_command_line_are_masked():
    code = "from logbook.provenance import *; print(capture_environment()[0].command_line)"
    printed = run_python(code, "--token", "abc123", "--db=postgresql://u:hunter2@h/x", "--lr=0.1")
    assert "abc123" not in printed
    assert "hunter2" not in printed
    assert "'--token', '[secret removed]', '--db=postgresql://u:[secret removed]@h/x', '--lr=0.1'" in printed


def test_only_listed_variables_are_recorded(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("HF_TOKEN", "hunter2")
    record, _ = capture_environment()
    assert record.variables == {"OMP_NUM_THREADS": "3"}
    assert "hunter2" not in record.model_dump_json()


def test_a_removed_current_folder_does_not_fail(tmp_path):
    code = (
        "import os, sys; from logbook.provenance import *; os.mkdir(sys.argv[1]); os.chdir(sys.argv[1]);"
        "os.rmdir(sys.argv[1]); print(capture_environment()[0].cwd)"
    )
    assert run_python(code, str(tmp_path / "gone")) == "(removed)"


def test_arguments_of_any_bytes_can_be_written_as_json():
    code = "from logbook.provenance import *; print(ascii(capture_environment()[0].model_dump_json()[-1]))"
    assert run_python(code, os.fsdecode(b"\xff\xfe")) == "'}'"
