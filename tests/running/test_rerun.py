"""`logbook rerun`: code and losses as they were, and nothing of the person's touched. Real repositories."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from logbook.json_schemas import json_schema
from tests.own_modules import forgotten
from tests.running.conftest import Answer, Command
from tests.running.reruns import CONFIG, NET, Project, merged, untouched


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project beside a folder for what is temporary."""
    made = Project(folder / "work", folder / "temporary")
    for place in (made.folder, made.temporary):
        place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def logbook(project: Project, logbook: Command) -> Command:
    """The command in this process: the person's modules are forgotten after each, as a new process would."""

    def run(*words: str) -> Answer:
        with forgotten(project.folder):
            return logbook(*words)

    return run


@pytest.fixture
def ran(project: Project, logbook: Command) -> Command:
    """Make a run that must come to its end."""

    def run(*words: str) -> Answer:
        answer = logbook("run", *words, "--quiet", "--json")
        assert answer.status == 0, answer.err
        return answer

    return run


@pytest.fixture
def rerun(project: Project, logbook: Command) -> Any:
    """Make a run again, and return the document with the exit status; nothing temporary is left of it."""

    def run(*words: str) -> dict[str, Any]:
        answer = logbook("rerun", *words, "--json")
        assert project.left_over() == []
        assert answer.out, answer.err
        return {**answer.json, "exit": answer.status, "told": answer.err}

    return run


def committed(project: Project, *, config: str = "cfg.json") -> None:
    """Commit a network of two files and a config."""
    project.write(".gitignore", ".logbook\n__pycache__\n")
    project.write("net.py", NET)
    project.write("parts/__init__.py", "")
    project.write("parts/layers.py", "width = 16\n")
    project.config(config)
    project.repo.git("add", "-A")
    project.repo.git("commit", "-q", "-m", "Begin")


def is_identical(document: dict[str, Any], epochs: int = 2) -> None:
    assert document["losses"]["verdict"] == "identical", document
    assert document["losses"]["identical_through"] == epochs
    assert document["weights"] == "same"
    assert document["same"] is True
    assert document["exit"] == 0


# -- the code as it was -----------------------------------------------------------------------------------------


def test_what_was_never_committed_is_there_again_whatever_the_person_did_since(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    """A dirty diff, a module that no commit holds, a config in a folder of its own, a branch switched meanwhile."""
    committed(project, config="configs/cfg.json")
    project.write("configs/net.py", NET.replace("parts.layers", "loose.sizes"))
    project.write("loose/sizes.py", "from parts.layers import width as base\nwidth = base + 1\n")
    project.write("parts/layers.py", "width = 24\n")
    then = ran("configs/cfg.json").json
    assert then["git"]["dirty"] is True

    repo = project.repo
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "Go on")
    repo.git("switch", "-q", "-c", "other")
    project.write("parts/layers.py", "raise RuntimeError('the code of today')\n")
    project.write("loose/sizes.py", "raise RuntimeError('the code of today')\n")
    repo.git("stash", "push", "-q")
    project.write("loose/sizes.py", "raise RuntimeError('the code of today, again')\n")
    project.write("configs/net.py", "raise RuntimeError('the network of today')\n")
    before = untouched(project)

    document = rerun("@")
    is_identical(document)
    assert untouched(project) == before
    assert document["of"] == "r1"
    assert document["place"]["kind"] == "commit"
    assert document["place"]["commit"] == then["git"]["sha"]
    assert document["place"]["remarks"] == []
    assert document["code"] == {"verdict": "same", "files": [], "packages": []}
    assert document["data"]["verdict"] == "same"
    assert [one for one in document["environment"] if one["path"] != "cpu"] == []
    jsonschema.validate(
        {name: document[name] for name in document if name not in ("exit", "told")}, json_schema("rerun")
    )

    now = logbook("show", "r2", "--json").json
    assert now["rerun_of"] == "r1"
    assert (now["name"], now["version"], now["seed"]) == (then["name"], then["version"], then["seed"])
    assert now["config_hash"] == then["config_hash"]
    assert [entry["text"] for entry in now["journal"]] == [document["sentence"]]
    assert "rerun of    r1" in logbook("show", "r2").out

    again = rerun("r2")  # a rerun can be made again: its code is that of the same commit
    is_identical(again)
    assert (again["of"], again["place"]["commit"]) == ("r2", then["git"]["sha"])
    assert untouched(project) == before
    assert logbook("fsck").status == 0


def test_a_renamed_file_is_found_under_its_name_of_then(project: Project, ran: Command, rerun: Any) -> None:
    committed(project)
    project.repo.git("mv", "net.py", "better.py")
    project.config(model={"kind": "python", "target": "better:net"})
    ran("cfg.json")
    project.repo.git("reset", "-q", "--hard")
    before = untouched(project)
    is_identical(rerun("@"))
    assert untouched(project) == before


def test_a_commit_that_was_rebased_away_and_collected_is_no_loss(project: Project, ran: Command, rerun: Any) -> None:
    committed(project)
    project.write("extra.txt", "kept by no commit")
    ran("cfg.json")
    repo = project.repo
    project.write("parts/layers.py", "width = 99\n")
    repo.git("commit", "-q", "-a", "--amend", "-m", "Begin otherwise")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    before = untouched(project)
    document = rerun("@")
    is_identical(document)
    assert document["place"]["kind"] == "sources"
    assert "no longer has the commit" in document["place"]["why"]
    assert "the sources that the run kept" in document["told"]
    assert document["code"]["verdict"] == "same"
    assert untouched(project) == before


def test_a_deleted_repository_is_no_loss(project: Project, ran: Command, rerun: Any) -> None:
    committed(project, config="configs/cfg.json")
    ran("configs/cfg.json")
    shutil.rmtree(project.folder / ".git")
    shutil.rmtree(project.folder / "parts")
    (project.folder / "net.py").unlink()
    document = rerun("@")
    is_identical(document)
    assert document["place"]["kind"] == "sources"
    assert document["place"]["why"]


def test_without_a_repository_the_sources_do(project: Project, ran: Command, logbook: Command) -> None:
    project.write("net.py", NET)
    project.write("parts/__init__.py", "")
    project.write("parts/layers.py", "width = 16\n")
    project.config()
    ran("cfg.json")
    project.write("parts/layers.py", "width = 99\n")
    told = logbook("rerun", "r1", "--quiet")
    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0] == "r2 is a rerun of r1: the losses are identical to the bit through epoch 2"
    assert "code         same (the sources that r1 kept: no repository was there)" in lines
    assert "weights      identical to the bit at the end" in lines
    assert project.left_over() == []


def test_before_the_first_commit_the_sources_do(project: Project, ran: Command, rerun: Any) -> None:
    project.repo.git("status")
    project.write(".gitignore", ".logbook\n")
    project.write("net.py", NET)
    project.write("parts/__init__.py", "")
    project.write("parts/layers.py", "width = 16\n")
    project.config()
    ran("cfg.json")
    project.write("net.py", "broken")
    document = rerun("@")
    is_identical(document)
    assert document["place"]["why"] == "the repository had no commit"


def test_a_submodule_that_is_absent_is_made_up_for_by_the_sources(
    project: Project, tmp_path: Path, ran: Command, rerun: Any
) -> None:
    from tests.provenance.conftest import Repo

    library = Repo(tmp_path / "library")
    library.write("__init__.py", "")
    library.commit("layers.py", "width = 12\n")
    committed(project)
    repo = project.repo
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.folder), "lib")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.folder), "unused")
    project.write("net.py", NET.replace("parts.layers", "lib.layers"))
    repo.git("commit", "-q", "-a", "-m", "Use a library")
    ran("cfg.json")
    repo.git("submodule", "--quiet", "deinit", "--all", "--force")
    before = untouched(project)
    document = rerun("@")
    is_identical(document)
    assert any(remark.startswith("unused is a submodule") for remark in document["place"]["remarks"])
    assert any("lib/layers.py" in remark for remark in document["place"]["remarks"])
    assert untouched(project) == before


OPTIONAL = """
import parts.layers
try:
    from newer import width
except ImportError:
    from spread.sizes import width
parts.layers.width = width
"""


@pytest.mark.parametrize("way", ["absolute", "current"])
def test_imports_that_lead_into_the_working_tree_get_the_code_of_then(
    project: Project, ran: Command, rerun: Any, way: str
) -> None:
    """A path that the code adds itself: as written, or as a package that is installed in place has it."""
    committed(project)
    added = str(project.folder / "lib") if way == "absolute" else "lib"
    project.write("lib/spread/sizes.py", "width = 9\n")
    project.write("net.py", f"import sys\nsys.path.insert(0, {added!r})\n{OPTIONAL}{NET}")
    ran("cfg.json")
    project.write("lib/spread/sizes.py", "width = 99\n")
    project.write("lib/newer.py", "width = 999\n")
    document = rerun("@")
    is_identical(document)
    assert document["remarks"] == []


def test_code_that_was_not_kept_is_named(project: Project, ran: Command, logbook: Command, rerun: Any) -> None:
    """A module named like a secret is never kept: with the commit gone it can't be had back."""
    committed(project)
    project.write("net.py", NET.replace("parts.layers", "api_key_sizes"))
    project.write("api_key_sizes.py", "width = 4\n")
    ran("cfg.json")
    answer = logbook("rerun", "@", "--json")
    assert answer.status != 0
    assert "api_key_sizes.py is not as the run loaded it" in answer.err
    assert "No module named 'api_key_sizes'" in answer.err + answer.out
    assert "not kept: its name says that it holds a secret" in logbook("show", "r1", "--code").out
    assert project.left_over() == []


def test_a_secret_in_the_source_is_missing_and_said(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    committed(project)
    project.write("net.py", NET + '\npassword = "correct-horse-battery"\n')
    ran("cfg.json")
    project.repo.git("checkout", "-q", "--", "net.py")
    document = rerun("@")
    assert document["losses"]["verdict"] == "identical"
    assert document["code"]["verdict"] == "different"
    assert [file["path"] for file in document["code"]["files"]] == ["net.py"]
    assert "correct-horse" not in json.dumps(document)
    assert any("net.py holds [secret removed]" in remark for remark in document["place"]["remarks"])
    shown = logbook("show", "r1", "--code").out
    assert "what looked like a secret was removed" in shown
    assert "correct-horse" not in shown


# -- what is not as it was --------------------------------------------------------------------------------------


def test_changed_data_are_named_and_the_first_loss_that_differs_with_both_values(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    rows = "a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 3}\n" for i in range(90))
    project.write("data/rows.csv", rows)
    project.config(
        task="classification",
        data={"source": {"kind": "csv", "path": "data/rows.csv", "target": "y"}, "limit": None},
        model={"kind": "mlp", "hidden": [4]},
    )
    then = ran("cfg.json").json
    project.write("data/rows.csv", rows.replace("6,4,1\n", "6,4,0\n"))
    document = rerun("r1")
    assert document["data"]["verdict"] == "different"
    assert document["exit"] == 1
    assert document["same"] is False
    first = document["losses"]["first"]
    assert (first["epoch"], first["name"]) == (1, "train_loss")
    assert first["then"] == then["epochs"][0]["train_loss"] != first["now"]
    told = logbook("rerun", "r1", "--quiet")
    assert told.status == 1
    assert f"different from epoch 1: train_loss {first['then']} then, {first['now']} now" in told.out
    assert "data         different: " in told.out

    (project.folder / "data" / "rows.csv").unlink()
    gone = logbook("rerun", "r1")
    assert gone.status == 2
    assert "rows.csv" in gone.err
    assert "Traceback" not in gone.err
    assert project.left_over() == []


NOISY = """import os, torch
from torch import nn

class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(64, 10)
    def forward(self, x):
        noise = int.from_bytes(os.urandom(2), "big") / 2**16
        return self.line(x.flatten(1)) * (1 + SCALE * noise)
"""


def test_losses_within_the_tolerance_are_told_apart_from_identical_and_different_ones(
    project: Project, ran: Command, rerun: Any
) -> None:
    project.write("noisy.py", NOISY.replace("SCALE", "1e-5"))
    project.config(model={"kind": "python", "target": "noisy:Noisy"})
    ran("cfg.json")
    document = rerun("@")
    losses = document["losses"]
    assert losses["verdict"] == "within-tolerance"
    assert losses["tolerance"] == 1e-4
    assert losses["within_through"] == 2
    assert 0 < losses["largest"] <= 1e-4
    assert (document["same"], document["exit"], document["weights"]) == (True, 0, "different")
    assert "within a relative 0.0001" in document["sentence"]
    strict = rerun("r1", "--tolerance", "0")
    assert strict["losses"]["verdict"] == "different"
    assert strict["losses"]["first"]["epoch"] == 1
    assert strict["exit"] == 1


def test_packages_of_another_version_are_named(project: Project, tmp_path: Path) -> None:
    """Real processes: what is installed is found on the path."""
    site = tmp_path / "site"
    # What the code prints gets into no document.
    project.write(
        "net.py",
        "import gizmo\nprint('a word of mine')\n"
        + NET.replace("from parts.layers import width", "width = gizmo.width"),
    )
    project.config()

    def install(name: str, version: str, source: str = "width = 8\n") -> None:
        shutil.rmtree(site / f"{name}.dist-info", ignore_errors=True)
        (site / f"{name}.dist-info").mkdir(parents=True)
        (site / f"{name}.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        (site / f"{name}.py").write_text(source)

    install("gizmo", "1.0")
    install("unrelated-thing", "1.0")
    path = {"PYTHONPATH": str(site)}
    assert project("run", "cfg.json", "--quiet", env=path).status == 0
    install("gizmo", "2.0")
    install("unrelated-thing", "3.0")
    document = project.rerun("@", env={**path, "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7"})
    is_identical(document)
    assert document["packages"] == [
        {"name": "gizmo", "then": "1.0", "now": "2.0", "loaded": True},
        {"name": "unrelated-thing", "then": "1.0", "now": "3.0", "loaded": False},
    ]
    assert document["restored"] == {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": None}
    assert "OMP_NUM_THREADS" not in json.dumps(document["environment"])
    assert "a word of mine" in document["told"]


DATA = """from pathlib import Path
import numpy as np

def rows():
    table = np.loadtxt(Path(__file__).parent / "data" / "rows.txt")
    return table[:, :2].astype("float32"), table[:, 2].astype("int64")
"""


def test_files_that_no_commit_holds_are_linked_only_where_the_person_says_so(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    project.write(".gitignore", ".logbook\n__pycache__\ndata\n")
    project.write("source.py", DATA)
    project.write("data/rows.txt", "".join(f"{i % 7} {i % 5} {i % 3}\n" for i in range(90)))
    project.config(
        task="classification",
        data={"source": {"kind": "python", "target": "source:rows"}, "limit": None},
        model={"kind": "mlp", "hidden": [4]},
    )
    project.repo.git("add", "-A")
    project.repo.git("commit", "-q", "-m", "Begin")
    ran("cfg.json")
    before = untouched(project)
    document = rerun("@")
    assert (document["status"], document["exit"], document["losses"]["verdict"]) == ("failed", 1, "unknown")
    assert any("--link PATH" in remark for remark in document["remarks"])
    is_identical(rerun("r1", "--link", "data"))
    assert untouched(project) == before
    for wrong, why in (
        ("nothing", "is not there"),
        ("..", "is not inside of"),
        ("source.py", "is in the copy already"),
    ):
        answer = logbook("rerun", "r1", "--link", wrong)
        assert answer.status == 2
        assert why in answer.err
        assert project.left_over() == []


# -- runs that ended otherwise ----------------------------------------------------------------------------------


def test_a_divergence_is_made_again(project: Project, ran: Command, rerun: Any, logbook: Command) -> None:
    project.config(model={"kind": "mlp", "hidden": [8]}, optimizer={"kind": "sgd", "lr": 1e30})
    assert logbook("run", "cfg.json", "--quiet", "--force").status == 1
    document = rerun("@")
    assert (document["status_then"], document["status"]) == ("diverged", "diverged")
    assert document["losses"]["verdict"] == "identical"
    assert document["exit"] == 0


def test_a_failure_is_no_success(project: Project, rerun: Any, logbook: Command) -> None:
    project.write("net.py", "def net():\n    raise ValueError('no network today')\n")
    project.config()
    assert logbook("run", "cfg.json", "--quiet").status == 1
    document = rerun("@")
    assert (document["status"], document["exit"]) == ("failed", 1)
    assert document["losses"]["verdict"] == "unknown"
    assert "no network today" in document["reason"]


def test_a_run_without_code_of_ones_own_needs_no_folder_of_its_own(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    project.config(model={"kind": "mlp", "hidden": [8]})
    ran("cfg.json")
    (project.folder / "cfg.json").unlink()
    is_identical(rerun("@"))
    assert logbook("rerun", "r9").status == 4
    assert logbook("rerun", "@", "--tolerance", "2").status == 2


def test_from_python(project: Project, ran: Command) -> None:
    import logbook as package

    committed(project)
    ran("cfg.json")
    run = package.open().run("r1")
    assert run.code()["parts/layers.py"] == "width = 16\n"
    project.write("parts/layers.py", "width = 99\n")
    done = run.rerun()
    assert done.same
    assert done.losses.verdict == "identical"
    assert package.open().run(done.run).record.start_of_run.rerun_of == "r1"
    assert project.left_over() == []
    assert "parts.layers" not in sys.modules


def test_the_config_of_a_test_is_what_it_says() -> None:
    assert merged(CONFIG, {"model": {"kind": "mlp"}})["model"] == {"kind": "mlp"}
    assert merged(CONFIG, {"training": {"epochs": 9}})["training"]["device"] == "cpu"
