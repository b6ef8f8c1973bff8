"""The identity of the person's code follows what a run loaded, and nothing else."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

import logbook
from logbook.provenance import capture_code
from logbook.training.own_code import load_target
from tests.own_modules import forgotten, write


@pytest.fixture
def project(tmp_path):
    """Make a folder whose modules can be loaded, and forget them afterwards."""
    folder = tmp_path / "project"
    folder.mkdir()
    with forgotten(tmp_path):
        yield folder


def test_loaded_modules_are_kept_as_they_are(project):
    write(project, "prov_model.py", "import prov_parts.layers\nmake = dict\n")
    write(project, "prov_parts/__init__.py", "")
    write(project, "prov_parts/layers.py", "width = 1\n")
    write(project, "prov_unused.py", "never imported\n")
    load_target("prov_model:make", project)
    record, blobs = capture_code([project])
    assert set(record.files) == {"prov_model.py", "prov_parts/__init__.py", "prov_parts/layers.py"}
    for path, name in record.files.items():
        assert blobs[name] == (project / path).read_bytes()
        assert record.blob_of(path) == name
    assert (record.masked, record.left_out) == ({}, {})


def test_the_identity_can_be_computed_by_hand(project):
    write(project, "prov_model.py", "make = dict\n")
    load_target("prov_model:make", project)
    record, _ = capture_code([project])
    pairs = [["prov_model.py", hashlib.sha256(b"make = dict\n").hexdigest()]]
    text = json.dumps(pairs, separators=(",", ":"))
    assert record.identity == hashlib.sha256(text.encode()).hexdigest()


def test_the_identity_changes_with_a_source_and_not_with_other_files(project):
    source = write(project, "prov_model.py", "make = dict\n")
    load_target("prov_model:make", project)
    first, _ = capture_code([project])
    write(project, "notes.txt", "unrelated")
    write(project, "prov_other.py", "unrelated")
    assert capture_code([project])[0].identity == first.identity
    source.write_text("make = dict  # edited\n")
    assert capture_code([project])[0].identity != first.identity


def test_no_own_code_has_an_identity_too(tmp_path):
    record, blobs = capture_code([tmp_path])
    assert (record.files, blobs) == ({}, {})
    assert record.identity == hashlib.sha256(b"[]").hexdigest()


def test_paths_are_relative_to_the_innermost_root(project):
    inner = project / "configs" / "digits"
    write(inner, "prov_model.py", "import prov_library\nmake = dict\n")
    write(project, "prov_library.py", "x = 1\n")
    sys.path.append(str(project))
    load_target("prov_model:make", inner)
    for roots in ([inner, project], [project, inner]):
        assert set(capture_code(roots)[0].files) == {"prov_model.py", "prov_library.py"}


def test_what_lies_in_the_current_folder_alone_is_named_from_there(project):
    """Modules come from the current folder too; where it lies changes no name of what the project holds."""
    write(project, "configs/prov_model.py", "import prov_wide.library, prov_beside\nmake = dict\n")
    write(project, "prov_wide/__init__.py", "")
    write(project, "prov_wide/library.py", "x = 1\n")
    write(project, "prov_beside.py", "y = 1\n")
    sys.path.append(str(project))
    load_target("prov_model:make", project / "configs")
    for current in (project, project / "prov_wide"):
        record, _ = capture_code([project / "configs", project], current=current)
        assert set(record.files) == {"prov_model.py", "prov_wide/__init__.py", "prov_wide/library.py", "prov_beside.py"}
    assert set(capture_code([project / "configs"])[0].files) == {"prov_model.py"}
    assert capture_code([project / "configs"], current=project)[0].identity == record.identity


def test_the_command_itself_is_no_code_of_the_persons_wherever_it_is_given(monkeypatch):
    """An installation below the home folder, as pyenv's is one, and the command given there."""
    scripts = Path(sysconfig.get_path("scripts"))
    command = ModuleType("prov_command")
    command.__file__ = str(next(file for file in sorted(scripts.iterdir()) if file.is_file() and not file.is_symlink()))
    monkeypatch.setitem(sys.modules, "prov_command", command)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert not [path for path in capture_code([], current=scripts.parent)[0].files if path.startswith(scripts.name)]


def test_two_files_of_one_name_are_both_kept(project):
    inner = project / "inner"
    write(inner, "prov_pack/__init__.py", "a = 1\n")
    write(project, "prov_pack/__init__.py", "b = 2\n")
    load_target("prov_pack:__name__.upper", inner)
    sys.modules["prov_first"] = sys.modules.pop("prov_pack")
    sys.path.remove(str(inner))
    load_target("prov_pack:__name__.upper", project)
    record, blobs = capture_code([inner, project])
    assert len(record.files) == 2
    assert sorted(blobs.values()) == [b"a = 1\n", b"b = 2\n"]


def test_installed_modules_and_logbook_itself_are_left_to_their_versions():
    roots = [Path("/"), Path(sysconfig.get_path("purelib")).parent.parent.parent, Path(logbook.__path__[0]).parent]
    assert "pydantic" in sys.modules
    files = capture_code(roots)[0].files
    assert not [path for path in files if "site-packages" in path or "logbook/provenance" in path]
    assert not [path for path in files if path.endswith(("/json/__init__.py", "/records/provenance.py"))]


def test_versions_of_loaded_packages_are_recorded():
    import numpy

    assert capture_code([])[0].packages["numpy"] == numpy.__version__
    assert "pydantic" not in capture_code([])[0].packages


def test_a_big_source_is_hashed_and_not_kept(project):
    text = "make = dict\n" + "# filler\n" * 120_000
    write(project, "prov_model.py", text)
    load_target("prov_model:make", project)
    record, blobs = capture_code([project])
    assert record.files == {"prov_model.py": hashlib.sha256(text.encode()).hexdigest()}
    assert "the limit is 1,048,576" in record.left_out["prov_model.py"]
    assert (record.blob_of("prov_model.py"), blobs) == (None, {})


def test_secrets_in_sources_are_not_kept_and_still_count(project):
    source = write(project, "prov_model.py", "import prov_secrets\npassword = 'hunter2'\nmake = dict\n")
    write(project, "prov_secrets.py", "plain = 1\n")
    load_target("prov_model:make", project)
    record, blobs = capture_code([project])
    assert record.files["prov_model.py"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert blobs == {
        record.masked["prov_model.py"]: b"import prov_secrets\npassword = '[secret removed]'\nmake = dict\n"
    }
    assert record.blob_of("prov_model.py") == record.masked["prov_model.py"]
    assert record.left_out == {"prov_secrets.py": "its name says that it holds a secret"}
    source.write_text(source.read_text().replace("hunter2", "hunter3"))
    assert capture_code([project])[0].identity != record.identity


def test_a_script_is_part_of_its_own_code(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from pathlib import Path\nfrom logbook.provenance import capture_code\n"
        "print(list(capture_code([Path(__file__).parent])[0].files))\n"
    )
    done = subprocess.run([sys.executable, "-P", str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['train.py']"
