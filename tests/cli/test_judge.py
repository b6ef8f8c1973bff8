"""`logbook judge`: the rules of today on the records of then; what they say is put behind what was said."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from logbook.store import open_reader, open_writer
from logbook.store.live import hold
from logbook.store.verify import rebuild, verify
from logbook_cli.app import main
from logbook_schemas.checklist import examples
from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.config.identity import freeze
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import ArrayRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry
from tests.store.making import attempt, begin, derived_rows, start_of_run

RAW = examples.data(inputs=ArrayRecord(mean=69.0, std=215.0, min=0.1, max=1680.0, quantile_995=1310.0))
RETIRED = Finding(code="X999", name="retired-rule", severity="warning", moment="data", message="nobody says that now")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in; unlike the one of the other commands it has no logbook yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add(
    home: Path, findings: Sequence[Finding] = (), *, ends: bool = True, checks: dict[str, Any] | None = None
) -> int:
    """Record a run on raw inputs, whose losses don't fall, with the findings that it was given then."""
    config = examples.config(checks=checks or {})
    with open_writer(home / ".logbook") as writer:
        number = begin(writer, config, data=RAW, findings=findings, start=start_of_run(seed=0)).number
        writer.append_record(number, "start", examples.start(initial_loss=310.0))
        for epoch in examples.curve([2.31] * 12, [2.31] * 12, metrics={"accuracy": 0.1}):
            writer.append_epoch(number, 1, epoch)
        if ends:
            writer.end_attempt(number, 1, status="finished", end=EndRecord(status="finished", best_epoch=1))
    return number


def old(code: str, **changes: Any) -> Finding:
    """Return the finding of an earlier release's rule."""
    rule = find_rule(code)
    assert rule is not None
    said = {"code": rule.code, "name": rule.name, "severity": rule.severity, "moment": rule.moment}
    return Finding.model_validate({**said, "message": "as it was said then", "rule_version": 0, **changes})


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def rows(home: Path) -> int:
    with closing(sqlite3.connect(home / ".logbook" / "logbook.db")) as raw:
        return sum(raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("finding", "judgement"))


def test_it_says_what_is_new_changed_and_gone_and_keeps_what_was(home, capsys):
    add(home, [old("D101", where="data.inputs"), RETIRED])
    status, out, _ = run(capsys, "judge", "r1", "--json")
    (judged,) = json.loads(out)["runs"]
    assert status == 0
    assert {one["name"] for one in judged["new"]} == {
        "implausible-initial-loss",
        "stuck-loss",
        "no-better-than-baseline",
        "corrected-start",
    }
    (changed,) = judged["changed"]
    assert (changed["before"]["rule_version"], changed["after"]["rule_version"]) == (0, find_rule("D101").version)
    assert [one["code"] for one in judged["gone"]] == ["X999"]
    assert judged["judgement"] == 1
    with open_reader(home / ".logbook") as reader:
        assert [one.code for one in reader.all_findings(1)][:2] == ["D101", "X999"]
        assert "X999" not in {one.code for one in reader.findings(1)}
        (judgement,) = reader.judgements(1)
        assert judgement.rules["D101"] == find_rule("D101").version
        assert judgement.at
    assert verify(home / ".logbook") == []


def test_every_view_shows_the_newest_judgement(home, capsys):
    add(home, [RETIRED])
    assert json.loads(run(capsys, "ls", "--json")[1])["runs"][0]["first_finding"] == "X999 retired-rule"
    run(capsys, "judge", "--all")
    line = json.loads(run(capsys, "ls", "--json")[1])["runs"][0]
    document = json.loads(run(capsys, "show", "r1", "--json")[1])
    assert (line["first_finding"], line["findings"]) == ("D101 unscaled-inputs", len(document["findings"]))
    assert document["findings"][0]["code"] == "D101"
    assert document["judgements"][0]["number"] == 1
    assert json.loads(run(capsys, "search", "rule:stuck-loss", "--json")[1])["runs"]
    assert not json.loads(run(capsys, "search", "rule:X999", "--json")[1])["runs"]
    assert json.loads(run(capsys, "rule", "D101", "--json")[1])["statistics"]["fired"] == 1
    assert "judged      again" in run(capsys, "show", "r1")[1]
    with open_reader(home / ".logbook") as reader:
        before = derived_rows(reader)
    rebuild(home / ".logbook")
    with open_reader(home / ".logbook") as reader:
        assert derived_rows(reader) == before


def test_a_second_time_nothing_is_new_and_nothing_is_written(home, capsys):
    add(home)
    run(capsys, "judge", "--all")
    before = rows(home)
    status, out, _ = run(capsys, "judge", "r1")
    assert (status, rows(home)) == (0, before)
    assert "1 run judged: nothing new" in out


def test_a_dry_run_says_the_same_and_writes_nothing(home, capsys):
    add(home, [RETIRED])
    before = rows(home)
    dry = json.loads(run(capsys, "judge", "--all", "--dry-run", "--json")[1])
    assert (dry["dry_run"], dry["runs"][0]["judgement"], rows(home)) == (True, None, before)
    real = json.loads(run(capsys, "judge", "--all", "--json")[1])
    assert {key: real[key] for key in ("new", "changed", "gone")} == {
        key: dry[key] for key in ("new", "changed", "gone")
    }
    assert (
        "nothing was recorded" in run(capsys, "judge", "--all", "--dry-run", "--rule", "D101")[1] or rows(home) > before
    )


def test_one_rule_judges_its_own_findings_and_leaves_the_others(home, capsys):
    add(home, [old("D101", where="elsewhere"), RETIRED])
    (judged,) = json.loads(run(capsys, "judge", "r1", "--rule", "unscaled-inputs", "--json")[1])["runs"]
    assert ([one["code"] for one in judged["new"]], [one["where"] for one in judged["gone"]]) == (
        ["D101"],
        ["elsewhere"],
    )
    with open_reader(home / ".logbook") as reader:
        assert sorted(one.code for one in reader.findings(1)) == ["D101", "X999"]
        assert list(reader.judgements(1)[0].rules) == ["D101"]


def test_reasons_severities_and_thresholds_of_the_runs_config_hold(home, capsys):
    add(home, checks={"ignore": {"T102": "slow on purpose"}, "severity": {"D101": "note"}})
    run(capsys, "judge", "r1")
    found = {one["code"]: one for one in json.loads(run(capsys, "show", "r1", "--json")[1])["findings"]}
    assert found["T102"]["ignored"] == "slow on purpose"
    assert found["D101"]["severity"] == "note"
    assert found["D101"]["settings"] == {"severity": "note"}


def test_a_run_that_goes_on_is_skipped_and_a_crashed_one_is_judged_as_far_as_it_came(home, capsys):
    number = add(home, ends=False)
    with open_reader(home / ".logbook") as reader:
        uuid = reader.summary(number).uuid
    with hold(home / ".logbook", uuid):
        document = json.loads(run(capsys, "judge", "r1", "--json")[1])
        assert (document["judged"], document["skipped"]) == (0, 1)
        assert "running" in document["runs"][0]["skipped"]
    names = {one["name"] for one in json.loads(run(capsys, "judge", "r1", "--json")[1])["runs"][0]["new"]}
    assert "stuck-loss" in names
    assert "no-better-than-baseline" not in names  # it is judged at the end, and there was none
    assert verify(home / ".logbook") == []


def test_a_run_of_ones_own_loop_is_judged_by_what_it_recorded(home, capsys):
    config = OwnConfig(name="mine", values={"lr": 0.1})
    with open_writer(home / ".logbook") as writer:
        number = writer.begin_run(
            config,
            freeze(config),
            start_of_run(),
            attempt(),
            blobs={},
            data=None,
            findings=(),
            metric_modes={},
        ).number
        for epoch in examples.curve([0.5, float("nan")], [0.5, float("nan")]):
            writer.append_epoch(number, 1, epoch)
        writer.end_attempt(number, 1, status="diverged", end=EndRecord(status="diverged", nonfinite_epoch=2))
    document = json.loads(run(capsys, "judge", "r1", "--json")[1])
    assert "nonfinite-loss" in {one["name"] for one in document["runs"][0]["new"]}


def test_the_past_is_as_it_was_when_the_run_began(home, capsys):
    first, second = add(home), add(home)
    run(capsys, "judge", "--all")
    with open_writer(home / ".logbook") as writer:
        writer.add_journal(first, JournalEntry(kind="outcome", text="dead-end", reason="it never learns"))
    third = add(home)
    assert run(capsys, "judge", f"r{first}", f"r{second}")[1].startswith("2 runs judged: nothing new")
    (judged,) = json.loads(run(capsys, "judge", f"r{third}", "--json")[1])["runs"]
    assert "repeated-dead-end" in {one["name"] for one in judged["new"]}
    with open_reader(home / ".logbook") as reader:
        assert "H102" not in {one.code for one in reader.findings(first)}
        assert "H101" not in {one.code for one in reader.findings(second)}
        assert "H102" in {one.code for one in reader.findings(second)}


def test_names_and_wrong_use(home, capsys):
    add(home)
    assert run(capsys, "judge")[0] == 2
    assert run(capsys, "judge", "r1", "--all")[0] == 2
    assert run(capsys, "judge", "r9")[0] == 4
    status, _, err = run(capsys, "judge", "--name", "exampel")
    assert (status, "'example'" in err) == (4, True)
    status, _, err = run(capsys, "judge", "r1", "--rule", "unscaled-imputs")
    assert (status, "'unscaled-inputs'" in err) == (4, True)
    assert run(capsys, "judge", "--name", "example")[0] == 0
    assert run(capsys, "judge", "--all", "--logbook", str(home / "nowhere"))[0] == 4


def test_a_run_that_got_another_row_meanwhile_is_left_for_the_next_time(home):
    from logbook.store.writer import Judged
    from logbook_schemas.records.judgements import JudgementRecord

    number = add(home)
    with open_reader(home / ".logbook") as reader:
        last = reader.last_row(number)
    with open_writer(home / ".logbook") as writer:
        writer.add_journal(number, JournalEntry(kind="note", text="meanwhile"))
        assert writer.append_judgements([Judged(number, 1, last, JudgementRecord(), ())]) == []
        assert writer.append_judgements([Judged(number, 1, last + 1, JudgementRecord(), ())]) == [number]
    with open_reader(home / ".logbook") as reader:
        assert (reader.findings(number), reader.summary(number).first_finding) == ((), "")


def test_its_document_is_documented(home, capsys):
    from logbook_schemas.records.judgements import JudgeDocument

    add(home, [RETIRED])
    document = JudgeDocument.model_validate_json(run(capsys, "judge", "r1", "--json")[1])
    assert document.runs[0].differs
    assert isinstance(examples.config(), RunConfig)


def told(answer: tuple[int, str, str], *, words: str) -> bool:
    """Say whether a command ended as it has to where the store can't be written: status 3, one message."""
    status, out, err = answer
    assert status == 3, err
    assert "Traceback" not in out + err
    assert words in err
    return True


@pytest.mark.parametrize("words", [["--all"], ["r1"], ["r1", "--rule", "D101"], ["--all", "--json"]])
def test_a_logbook_that_another_program_holds_is_said_to_be_busy(home, capsys, monkeypatch, words):
    add(home)
    before = rows(home)
    monkeypatch.setattr("logbook.store.engine.BUSY_MILLISECONDS", 100)
    with closing(sqlite3.connect(home / ".logbook" / "logbook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert told(run(capsys, "judge", *words), words="busy")
        assert run(capsys, "judge", "--all", "--dry-run")[0] == 0  # which only reads
    assert rows(home) == before


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a logbook that nobody may write, for a user who isn't root: root writes everywhere."""
    folder = Path(tempfile.mkdtemp())
    monkeypatch.chdir(folder)
    folder.chmod(0o755)
    add(folder)
    with pytest.raises(SystemExit):
        main(["judge", "--all", "--dry-run"])  # imports what is needed, as long as that may be read
    is_root = os.geteuid() == 0
    for path in (*(folder / ".logbook").rglob("*"), folder / ".logbook"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        if is_root:
            os.seteuid(65534)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder / ".logbook", *(folder / ".logbook").rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("words", [["--all"], ["r1", "--json"]])
def test_a_logbook_that_cannot_be_written_is_said_to_be_so(unwritable, capsys, words):
    assert told(run(capsys, "judge", *words), words="logbook")
