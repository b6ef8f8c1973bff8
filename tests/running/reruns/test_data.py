"""The data are read where the run read them, and what is not as it was is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running.conftest import Command
from tests.running.reruns.projects import Project, is_identical, untouched

ROWS = "a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 3}\n" for i in range(90))
CSV = {
    "data": {"source": {"kind": "csv", "path": "data/rows.csv", "target": "y"}},
    "model": {"kind": "mlp", "hidden": [4]},
}


def test_changed_data_are_named_and_the_first_loss_that_differs_with_both_values(
    project: Project, ran: Command, rerun: Any, logbook: Command
) -> None:
    project.write("data/rows.csv", ROWS)
    project.config(**CSV)
    then = ran().json
    (project.folder / "cfg.json").unlink()  # the frozen config is the logbook's
    is_identical(rerun("r1"))

    project.write("data/rows.csv", ROWS.replace("6,4,1\n", "6,4,0\n"))
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


def test_data_that_were_deleted_are_read_as_the_commit_has_them(project: Project, ran: Command, rerun: Any) -> None:
    project.write("data/rows.csv", ROWS)
    project.begin(**CSV)
    ran()
    (project.folder / "data" / "rows.csv").unlink()
    project.commit()
    document = rerun()
    is_identical(document)
    assert document["data"]["verdict"] == "same"
    assert document["remarks"] == [f"not in {project.folder} any more: data/rows.csv; read from the copy of the code"]


def test_data_that_no_commit_holds_move_with_the_repository(
    project: Project, ran: Command, rerun: Any, logbook: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("configs/data/rows.csv", ROWS)
    project.begin("configs/cfg.json", **CSV)
    project.repo.git("rm", "-q", "--cached", "configs/data/rows.csv")
    project.write(".gitignore", ".logbook\n__pycache__\ndata\n")
    project.repo.git("commit", "-q", "-a", "-m", "Keep the data out")
    ran("configs/cfg.json")
    moved = project.folder.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(moved)
    document = rerun()
    is_identical(document)
    assert document["data"]["verdict"] == "same"
    assert document["remarks"][0].endswith(f"data/rows.csv; read from {moved / 'configs'}")
    assert logbook("show", "r2", "--json").json["data"]["folder"] == str(project.folder / "configs")
    is_identical(rerun("r1", "--link", "configs/data"))


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
    project.config(data={"source": {"kind": "python", "target": "source:rows"}}, model={"kind": "mlp", "hidden": [4]})
    project.commit("Begin")
    ran()
    before = untouched(project)
    document = rerun()
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
