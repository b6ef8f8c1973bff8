"""Versions, as a person meets them: `new`, `log`, `export --commented`, and a version wherever a config is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.config.identity import freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import read_json, validate
from tests.cli.books import logbook

CONFIG = """{
  // two clouds
  "name": "clouds",
  "data": {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 60}},
  "model": {"kind": "mlp", "hidden": [4]},
  "optimizer": {"kind": "adam", "lr": 0.01}, // a guess
  "training": {"epochs": 2}
}
"""


def said(*arguments: str | Path, cwd: Path) -> Any:
    done = logbook(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done


def config_hash(path: Path) -> str:
    return freeze(validate(read_json(path.read_text(), name=path.name), RunConfig)).config_hash


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of three versions: the second and the third are derived from the first."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "clouds.json").write_text(CONFIG)
    said("run", "clouds.json", "--quiet", cwd=folder)
    said("new", "--from", "clouds@1", "--set", "optimizer.lr=0.0001", cwd=folder)
    said("run", "clouds-2.json", "--quiet", cwd=folder)
    said("new", "clouds-3.json", "--from", "r1", "--set", "model.hidden=[8, 8]", cwd=folder)
    said("run", "clouds-3.json", "--seeds", "2", "--quiet", cwd=folder)
    return folder


def test_a_derived_config_keeps_its_comments_and_names_its_parent(lab: Path) -> None:
    text = (lab / "clouds-2.json").read_text()
    assert "// two clouds" in text
    assert '"lr": 0.0001}, // a guess' in text
    assert '"parent": "clouds@1"' in text


def test_the_log_is_a_tree(lab: Path) -> None:
    tree = json.loads(said("log", "clouds", "--json", cwd=lab).stdout)
    assert [one["parent"] for one in tree["versions"]] == [None, "clouds@1", "clouds@1"]
    change = tree["versions"][1]["changes"][0]
    assert (change["path"], change["left"], change["right"]) == ("optimizer.lr", 0.01, 0.0001)
    assert tree["versions"][2]["runs"] == ["r3", "r4"]
    shown = json.loads(said("show", "r1", "--json", cwd=lab).stdout)
    assert tree["versions"][0]["best_val_loss"] == shown["best"]["val_loss"]
    lines = said("log", "clouds", cwd=lab).stdout.splitlines()
    assert [line for line in lines if "@" in line] == [
        f"clouds@1  {tree['versions'][0]['created_at'][:10]}",
        f"├─clouds@2  {tree['versions'][1]['created_at'][:10]}  optimizer.lr 0.01 → 0.0001",
        f"clouds@3  {tree['versions'][2]['created_at'][:10]}  model.hidden [4] → [8, 8]",
    ]


def test_of_many_versions_the_newest_are_shown(lab: Path) -> None:
    shown = said("log", "clouds", "--limit", "1", cwd=lab)
    assert [line.split()[0] for line in shown.stdout.splitlines() if "@" in line] == ["clouds@3"]
    assert "the newest 1; --all shows every version" in shown.stderr
    everything = said("log", "clouds", "--limit", "1", "--all", cwd=lab)
    assert (everything.stdout, everything.stderr) == (said("log", "clouds", cwd=lab).stdout, "")


def test_the_log_of_an_unknown_name_suggests(lab: Path) -> None:
    done = logbook("log", "cluods", cwd=lab)
    assert done.returncode == 4
    assert "did you mean 'clouds'" in done.stderr


def test_an_edited_file_is_told_as_a_step(lab: Path) -> None:
    (lab / "edited.json").write_text(CONFIG.replace('"epochs": 2', '"epochs": 2, "batch_size": 16'))
    first = said("run", "edited.json", "--quiet", cwd=lab).stderr  # new to the logbook: from the newest of the name
    assert "clouds: 3 → 4, " in first
    (lab / "edited.json").write_text(CONFIG.replace('"epochs": 2', '"epochs": 2, "batch_size": 8'))
    done = logbook("run", "edited.json", cwd=lab)
    told = done.stderr + done.stdout
    assert "clouds: 4 → 5, training.batch_size 16 → 8" in told
    assert told.index("clouds: 4 → 5") < told.index("epoch 1/2")
    again = logbook("run", "edited.json", "--set", "training.seed=9", cwd=lab)
    assert " → 6" not in again.stderr + again.stdout


def test_a_version_a_run_and_a_hash_stand_wherever_a_config_does(lab: Path) -> None:
    shown = json.loads(said("show", "r2", "--json", cwd=lab).stdout)
    for reference in ("clouds@2", "r2", shown["config_hash"][:10], "clouds-2.json"):
        found = json.loads(said("run", reference, "--json", "--quiet", cwd=lab).stdout)
        assert found["config_hash"] == shown["config_hash"], reference
        assert found["epochs"][-1]["val_loss"] == shown["epochs"][-1]["val_loss"]
        assert said("check", reference, cwd=lab).returncode == 0
    assert json.loads(said("diff", "clouds@2", "clouds-2.json", "--json", cwd=lab).stdout)["config"] == []


def test_a_reference_that_means_nothing_is_one_clear_error(lab: Path) -> None:
    done = logbook("run", "clouds@77", cwd=lab)
    assert done.returncode == 2
    assert "clouds@77" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_commented_export_is_the_same_config(lab: Path, tmp_path: Path) -> None:
    text = said("export", "r2", "--commented", cwd=lab).stdout
    (tmp_path / "back.json").write_text(text)
    shown = json.loads(said("show", "r2", "--json", cwd=lab).stdout)
    assert config_hash(tmp_path / "back.json") == shown["config_hash"]
    for epoch in shown["epochs"]:
        wanted = f"// epoch {epoch['epoch']}: train_loss {epoch['train_loss']:.6g}, val_loss {epoch['val_loss']:.6g}"
        assert wanted in text
    said("run", "clouds.json", "--set", "training.epochs=1", "--quiet", cwd=lab)
    newest = json.loads(said("show", "@", "--json", cwd=lab).stdout)
    (tmp_path / "set.json").write_text(said("export", "@", "--commented", cwd=lab).stdout)
    assert config_hash(tmp_path / "set.json") == newest["config_hash"]
    assert "// two clouds" in (tmp_path / "set.json").read_text()  # an option changed one value, and no comment
    said("run", "clouds.json", "--set", "training.epochs=1", "--set", "model.hidden=[3,2]", "--quiet", cwd=lab)
    assert "// two clouds" in said("export", "@", "--commented", cwd=lab).stdout


def test_a_new_config_explains_itself_and_runs(tmp_path: Path) -> None:
    said("new", "first.json", cwd=tmp_path)
    text = (tmp_path / "first.json").read_text()
    assert "// Share of the rows for validation. (S0-12)" in text
    assert '"name": "first"' in text
    assert said("check", "first.json", cwd=tmp_path).returncode == 0
    done = logbook("new", "first.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (tmp_path / "first.json").read_text() == text
    said("run", "first.json", "--set", "training.epochs=1", "--quiet", cwd=tmp_path)


def test_a_setting_that_does_not_exist_writes_no_file(lab: Path) -> None:
    done = logbook("new", "bad.json", "--from", "clouds@1", "--set", "optimizer.lrr=1", cwd=lab)
    assert done.returncode == 2
    assert "did you mean 'lr'" in done.stderr
    assert not (lab / "bad.json").exists()
