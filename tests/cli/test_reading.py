"""`ls`, `show`, `diff`, `compare`, `search`, `rule`, `fsck`: asked of a logbook of three runs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.books import logbook


def answer(*arguments: str | Path, cwd: Path) -> Any:
    """Return the document that a command prints with --json."""
    done = logbook(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def printed(*arguments: str | Path, cwd: Path) -> str:
    done = logbook(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    return done.stdout


def test_ls_lists_the_newest_first(home: Path) -> None:
    lines = printed("ls", cwd=home).splitlines()
    assert [line.split()[0] for line in lines] == ["id", "r3", "r2", "r1"]
    assert "diverged" in lines[1]


def test_ls_json_has_the_runs(home: Path) -> None:
    runs = answer("ls", cwd=home)["runs"]
    assert [run["id"] for run in runs] == ["r3", "r2", "r1"]
    assert runs[2]["best_value"] == 0.3
    assert runs[0]["status"] == "diverged"


def test_ls_limits_filters_and_says_that_there_is_more(home: Path) -> None:
    done = logbook("ls", "--limit", "1", cwd=home)
    assert "--all" in done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert [run["id"] for run in answer("ls", "--name", "wild", cwd=home)["runs"]] == ["r3"]
    assert len(answer("ls", "--all", "--limit", "1", cwd=home)["runs"]) == 3


def test_ls_csv_reads_back_with_full_figures(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(logbook("ls", "--csv", cwd=home).stdout)))
    assert [row["id"] for row in rows] == ["r3", "r2", "r1"]
    assert float(rows[2]["best"]) == 0.3


def test_ls_markdown_is_a_table(home: Path) -> None:
    lines = printed("ls", "--md", cwd=home).splitlines()
    assert lines[0].startswith("| id |")
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("command", "forms"),
    [
        (("ls",), ("--json", "--csv")),
        (("search", "lr<1"), ("--csv", "--md")),
        (("compare", "r1", "r2"), ("--json", "--csv", "--md")),
    ],
)
def test_two_forms_of_output_at_once_are_wrong_use(
    home: Path, command: tuple[str, ...], forms: tuple[str, ...]
) -> None:
    done = logbook(*command, *forms, cwd=home)
    assert done.returncode == 2
    assert done.stderr == f"error: {' and '.join(forms)} exclude each other; give one\n"
    if "--json" in forms:
        assert json.loads(done.stdout)["error"]["status"] == 2
    else:
        assert not done.stdout


def test_no_logbook_has_no_runs_and_makes_none(tmp_path: Path) -> None:
    done = logbook("ls", cwd=tmp_path)
    assert done.returncode == 0
    assert "no runs" in done.stderr
    assert answer("ls", cwd=tmp_path) == {"runs": []}
    assert not list(tmp_path.iterdir())


def test_the_logbook_can_be_named(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert len(answer("ls", "--logbook", home / ".logbook", cwd=elsewhere)["runs"]) == 3
    assert (
        len(
            json.loads(logbook("ls", "--json", cwd=elsewhere, env={"LOGBOOK_STORE": str(home / ".logbook")}).stdout)[
                "runs"
            ]
        )
        == 3
    )


def test_an_empty_answer_says_which_value_no_run_has(home: Path) -> None:
    for form in ([], ["--json"]):
        done = logbook("search", "optimizer.kind=adm", *form, cwd=home)
        assert done.returncode == 0
        assert "no run has optimizer.kind 'adm'; did you mean 'adam'?" in done.stderr
    assert json.loads(done.stdout) == {"runs": []}
    assert "did you mean" not in logbook("search", "optimizer.kind=sgd", cwd=home).stderr


def test_a_number_is_not_ordered_with_text(home: Path) -> None:
    done = logbook("search", "lr<abc", cwd=home)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["error: lr: expected a number, got 'abc'", "  lr<abc", "     ^"]


def test_show_takes_the_newest_and_ranks_causes_first(home: Path) -> None:
    document = answer("show", cwd=home)
    assert document["id"] == "r3"
    grave = [finding for finding in document["findings"] if finding["severity"] != "note"]
    assert [finding["code"] for finding in grave] == ["L101", "T101"]
    assert grave[1]["explained_by"] == "L101"
    promised = "code name severity moment where message measured expected remedy source explains"
    assert set(promised.split()) <= document["findings"][0].keys()


def test_show_writes_nan_as_valid_json(home: Path) -> None:
    epochs = answer("show", "r3", cwd=home)["epochs"]
    assert epochs[1]["val_loss"] == "NaN"
    assert epochs[0]["val_loss"] == 0.9


def test_show_has_what_scripts_read(home: Path) -> None:
    document = answer("show", "best:digits-mlp", cwd=home)
    promised = "id uuid name config_hash recipe_hash status epochs best findings git data environment"
    assert set(promised.split()) <= document.keys()
    assert document["best"]["epoch"] == 2
    assert document["epochs"][0]["metrics"] == {"accuracy": 0.9}
    assert document["git"]["branch"] == "main"


def test_show_prints_curves_findings_and_provenance(home: Path) -> None:
    text = printed("show", "r3", cwd=home)
    for part in ("diverged", "L101", "also: T101 nonfinite-loss (epoch 2)", "optimizer.lr = 0.5", "provenance", "NaN"):
        assert part in text, part


def test_hostile_text_is_shown_and_not_obeyed(home: Path) -> None:
    assert "faster\\x1b[2J" in printed("show", "r2", cwd=home)
    assert answer("show", "r2", cwd=home)["hypothesis"] == "=faster\x1b[2J is better"


def test_a_run_that_is_not_there_is_not_found(home: Path) -> None:
    done = logbook("show", "digits-mpl", cwd=home)
    assert done.returncode == 4
    assert "digits-mlp" in done.stderr
    assert done.stdout == ""


def test_diff_of_runs_tells_config_code_data_and_environment(home: Path) -> None:
    diff = answer("diff", "r1", "r3", cwd=home)
    changes = {change["path"]: change for change in diff["config"]}
    assert (changes["optimizer.lr"]["left"], changes["optimizer.lr"]["right"]) == (0.001, 0.5)
    assert changes["optimizer.lr"]["matters"]
    assert not changes["name"]["matters"]
    assert diff["code"]["verdict"] == "different"
    assert "+x = 2" in diff["code"]["files"][0]["text"]
    assert diff["data"]["verdict"] == "same"
    assert diff["environment"] == []
    assert not diff["same_recipe"]


def test_diff_without_arguments_is_of_the_last_two(home: Path) -> None:
    text = printed("diff", cwd=home)
    assert text.startswith("- r2 ")
    assert "+ r3 " in text.splitlines()[1]
    assert text == printed("diff", "@-1", "@", cwd=home)


def test_diff_of_one_is_against_the_defaults(home: Path) -> None:
    diff = answer("diff", "r2", cwd=home)
    assert diff["left"] == "the defaults"
    assert [change["path"] for change in diff["config"] if change["matters"]] == ["optimizer.lr"]
    assert diff["code"] is None


def test_diff_of_versions_and_config_hashes(home: Path) -> None:
    by_version = answer("diff", "digits-mlp@1", "digits-mlp@2", cwd=home)
    assert [change["path"] for change in by_version["config"]] == ["optimizer.lr", "hypothesis"]
    beginning = answer("show", "r1", cwd=home)["config_hash"][:10]
    assert answer("diff", beginning, "r2", cwd=home)["config"] == by_version["config"]


def test_diff_of_a_file_and_a_run(home: Path) -> None:
    file = home / "cfg.json"
    file.write_text('{"name": "digits-mlp", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}} // mine')
    diff = answer("diff", "cfg.json", "r2", cwd=home)
    assert diff["left"] == "cfg.json"
    assert {change["path"] for change in diff["config"]} == {"optimizer.lr", "hypothesis"}
    assert answer("diff", "cfg.json", cwd=home)["config"] == []


@pytest.mark.parametrize("own_is_left", [True, False])
def test_diff_of_an_own_loop_and_a_run_says_that_the_kinds_differ_and_lists_no_defaults(
    home: Path, own_is_left: bool
) -> None:
    (home / "own.json").write_text('{"kind": "own", "name": "digits-mlp", "tags": ["a"], "values": {"lr": 0.1}}')
    sides = ("own.json", "r1") if own_is_left else ("r1", "own.json")
    diff = answer("diff", *sides, cwd=home)
    kind = "removed" if own_is_left else "added"
    assert [(change["path"], change["kind"]) for change in diff["config"]] == [("values.lr", kind), ("tags", "changed")]
    assert not diff["same_recipe"]
    text = printed("diff", *sides, cwd=home)
    assert text.count("the kinds differ") == 1
    assert len(text.splitlines()) == 7


def test_diff_of_two_own_loops_tells_their_values(home: Path) -> None:
    for name, rate in (("a", 0.1), ("b", 0.2)):
        (home / f"{name}.json").write_text(json.dumps({"kind": "own", "name": "mine", "values": {"lr": rate}}))
    diff = answer("diff", "a.json", "b.json", cwd=home)
    assert ([change["path"] for change in diff["config"]], diff["remark"]) == (["values.lr"], "")


def test_diff_of_a_bad_file_names_every_problem(home: Path) -> None:
    (home / "cfg.json").write_text(
        '{"name": "x", "optimiser": "adam", "data": {"source": {"kind": "sklearn", "dataset": "digit"}}}'
    )
    done = logbook("diff", "cfg.json", "r2", "--json", cwd=home)
    assert done.returncode == 2
    assert len(json.loads(done.stdout)["error"]["problems"]) == 2
    assert "optimizer" in done.stderr
    assert "Traceback" not in done.stderr


def test_diff_of_a_file_that_is_not_there_is_wrong_use(home: Path) -> None:
    done = logbook("diff", "nowhere.json", cwd=home)
    assert done.returncode == 2
    assert "nowhere.json" in done.stderr


def test_diff_needs_no_logbook_for_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "iris"}}}')
    (tmp_path / "b.json").write_text('{"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "wine"}}}')
    (change,) = answer("diff", "a.json", "b.json", cwd=tmp_path)["config"]
    assert change["path"] == "data.source.dataset"
    assert not (tmp_path / ".logbook").exists()


def test_compare_puts_runs_side_by_side(home: Path) -> None:
    text = printed("compare", "r1", "r2", cwd=home)
    assert re.search(r"optimizer\.lr +0\.001 +0\.01", text)
    assert "optimizer.lr from 0.001 to 0.01 worsened the best val_loss from 0.3 to 0.8." in text
    assert "r1 val_loss" in text


def test_compare_json_and_csv_have_full_figures(home: Path) -> None:
    comparison = answer("compare", "r1", "r2", "r3", cwd=home)
    assert [run["summary"]["number"] for run in comparison["runs"]] == [1, 2, 3]
    assert comparison["runs"][2]["code"] == "different"
    rows = list(csv.DictReader(io.StringIO(logbook("compare", "r1", "r2", "--csv", cwd=home).stdout)))
    assert [row["optimizer.lr"] for row in rows] == ["0.001", "0.01"]
    assert [float(row["val_loss.best"]) for row in rows] == [0.3, 0.8]
    assert rows[1]["hypothesis"].startswith("'=faster")


def test_compare_needs_two_different_runs(home: Path) -> None:
    for arguments in (("r1",), ("r1", "@-2")):
        done = logbook("compare", *arguments, cwd=home)
        assert done.returncode == 2, done.stderr


def test_search_finds_by_setting_and_result(home: Path) -> None:
    assert [run["id"] for run in answer("search", "lr>=0.01 val_loss.best<0.85", cwd=home)["runs"]] == ["r2"]
    assert [run["id"] for run in answer("search", "status:diverged", cwd=home)["runs"]] == ["r3"]


def test_search_that_finds_nothing_is_no_failure(home: Path) -> None:
    done = logbook("search", "lr>100", cwd=home)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no run" in done.stderr


def test_search_of_an_unknown_field_is_wrong_use(home: Path) -> None:
    done = logbook("search", "optimizer.lrr<1", cwd=home)
    assert done.returncode == 2
    assert "optimizer.lr" in done.stderr


def test_rules_are_listed_and_explained_by_name_and_code(home: Path) -> None:
    rules = answer("rule", cwd=home)["rules"]
    assert len(rules) >= 12
    assert {"code", "name", "severity", "moment", "title", "why", "source"} <= rules[0].keys()
    by_code = printed("rule", "l101", cwd=home)
    assert by_code == printed("rule", "learning-rate-out-of-bounds", cwd=home)
    assert "fired in 1 of 3 runs" in by_code
    assert answer("rule", "L101", cwd=home)["statistics"]["fired"] == 1


def test_a_rule_is_explained_without_a_logbook_and_a_misspelt_one_not_found(tmp_path: Path) -> None:
    assert "never fired" in printed("rule", "D101", cwd=tmp_path)
    done = logbook("rule", "unscaled-imputs", cwd=tmp_path)
    assert done.returncode == 4
    assert "'unscaled-inputs'" in done.stderr


def test_fsck_finds_a_whole_logbook_whole(home: Path) -> None:
    assert answer("fsck", cwd=home) == {"problems": [], "rebuilt": False}


def test_fsck_finds_a_careless_edit(home: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(home / ".logbook" / "logbook.db")
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'epoch'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE epoch SET payload = replace(payload, '0.3', '0.1') WHERE run_id = 1")
    connection.commit()
    connection.close()
    done = logbook("fsck", "--json", cwd=home)
    assert done.returncode == 3
    assert json.loads(done.stdout)["problems"]


def test_fsck_of_no_logbook_is_not_found(tmp_path: Path) -> None:
    assert logbook("fsck", cwd=tmp_path).returncode == 4
