"""The recorded commit, its diff and its untracked files, whatever became of the working tree. Real repositories."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import jsonschema

from logbook.json_schemas import json_schema
from tests.provenance.conftest import Repo
from tests.running.conftest import Command
from tests.running.reruns.projects import NET, Project, is_identical, untouched


def test_what_was_never_committed_is_there_again_whatever_the_person_did_since(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    """A dirty diff, a module that no commit holds, a config in a folder of its own, a branch switched meanwhile."""
    project.begin(config="configs/cfg.json")
    project.write("configs/net.py", NET.replace("parts.layers", "loose.sizes"))
    project.write("loose/sizes.py", "from parts.layers import width as base\nwidth = base + 1\n")
    project.write("parts/layers.py", "width = 24\n")
    then = ran("configs/cfg.json").json
    assert then["git"]["dirty"] is True

    repo = project.repo
    project.commit()
    repo.git("switch", "-q", "-c", "other")
    project.write("parts/layers.py", "raise RuntimeError('the code of today')\n")
    project.write("loose/sizes.py", "raise RuntimeError('the code of today')\n")
    repo.git("stash", "push", "-q")
    project.write("loose/sizes.py", "raise RuntimeError('the code of today, again')\n")
    project.write("configs/net.py", "raise RuntimeError('the network of today')\n")
    before = untouched(project)
    assert {".git/index", ".git/HEAD", ".git/config", ".git/refs/stash", "loose/sizes.py"} <= set(before)

    document = rerun()
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
    project.begin()
    project.repo.git("mv", "net.py", "better.py")
    project.config(
        data={"source": {"kind": "python", "target": "better:rows"}}, model={"kind": "python", "target": "better:net"}
    )
    ran()
    project.repo.git("reset", "-q", "--hard")
    before = untouched(project)
    is_identical(rerun())
    assert untouched(project) == before


def test_a_submodule_that_is_absent_is_made_up_for_by_the_sources(
    project: Project, tmp_path: Path, ran: Command, rerun: Any
) -> None:
    library = Repo(tmp_path / "library")
    library.write("__init__.py", "")
    library.commit("layers.py", "width = 12\n")
    project.begin()
    repo = project.repo
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.folder), "lib")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.folder), "unused")
    project.write("net.py", NET.replace("parts.layers", "lib.layers"))
    repo.git("commit", "-q", "-a", "-m", "Use a library")
    ran()
    repo.git("submodule", "--quiet", "deinit", "--all", "--force")
    before = untouched(project)
    document = rerun()
    is_identical(document)
    assert any(remark.startswith("unused is a submodule") for remark in document["place"]["remarks"])
    assert any("lib/layers.py" in remark for remark in document["place"]["remarks"])
    assert untouched(project) == before


def test_the_commit_is_taken_from_where_the_repository_is_now(
    project: Project, tmp_path: Path, ran: Command, rerun: Any, monkeypatch: Any
) -> None:
    """Moved, or a clone on another machine: around the logbook, or around the current folder."""
    project.begin()
    project.write("parts/layers.py", "width = 24\n")
    ran()
    monkeypatch.chdir(tmp_path)
    moved = Project(project.folder.rename(tmp_path / "elsewhere"), project.temporary)
    project.folder.mkdir()
    shutil.copytree(moved.folder / ".logbook", project.folder / ".logbook")
    before = untouched(moved)
    for store, current in ((moved.folder, tmp_path), (project.folder, moved.folder)):
        monkeypatch.chdir(current)
        document = rerun("r1", "--logbook", str(store / ".logbook"))
        is_identical(document)
        assert document["place"]["kind"] == "commit"
        assert document["place"]["remarks"][0].endswith(f"the commit is taken from {moved.folder}")
        assert untouched(moved) == before
        assert moved.left_over() == []


def test_a_filter_whose_program_is_gone_costs_its_own_files_only(
    project: Project, ran: Command, rerun: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """A filter of the person's own, as git-lfs is one, that git must not do without."""
    project.write(".gitattributes", "*.dat filter=lfs\n")
    project.write("sizes.dat", "16\n")
    project.write("sizes.txt", "16\n")
    project.begin()
    project.write("parts/layers.py", "from pathlib import Path\nwidth = int(Path('sizes.txt').read_text())\n")
    ran()
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        '[filter "lfs"]\n\tclean = no-such-program\n\tsmudge = no-such-program\n\trequired\n'
    )
    monkeypatch.setenv("HOME", str(home))
    before = untouched(project)
    document = rerun()
    is_identical(document)
    assert document["place"]["kind"] == "commit"
    assert "no-such-program" in document["place"]["remarks"][0]
    assert untouched(project) == before
