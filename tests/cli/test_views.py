"""Runs, findings, differences and comparisons as a person reads them."""

from __future__ import annotations

import re

from logbook.history.compare import compare
from logbook.history.diff import diff_code, diff_configs, diff_data, diff_environment, diff_git
from logbook_cli.views.comparison import comparison_table, comparison_view
from logbook_cli.views.difference import difference_view
from logbook_cli.views.findings import findings_summary, findings_view, news_view
from logbook_cli.views.run import headline, run_view
from logbook_cli.views.runs import runs_table, show_moment
from logbook_cli.views.table import render_text
from logbook_cli.views.text import Ink
from logbook_cli.views.versions import versions_view
from logbook_schemas.records.comparison import Diff
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry, RunRecord
from logbook_schemas.records.versions import VersionLine, VersionTree
from tests.history.records import code, digits, run

NO_INK = Ink(False)
ESCAPE = "\x1b[2J"
FINDING = Finding(
    code="L101",
    name="learning-rate-out-of-bounds",
    severity="warning",
    moment="config",
    where="optimizer.lr",
    message="the learning rate is far from where adam works",
    measured=0.5,
    expected="1e-5 to 1e-2",
    why="large steps jump over every minimum",
    remedy="lower it",
    change={"optimizer.lr": 0.001},
    source="S1-13",
)


def test_many_runs_are_compared_in_blocks_as_wide_as_the_terminal() -> None:
    compared = compare([run(number) for number in range(1, 10)])
    text = comparison_view(compared, ink=NO_INK, width=80)
    table = text.split(" ┤")[0]
    assert max(map(len, table.splitlines())) <= 80
    heads = [line for line in table.splitlines() if re.match(r" +r\d", line)]
    assert re.findall(r"\br(\d)\b", " ".join(heads)) == [str(number) for number in range(1, 10)]
    assert 2 <= len(heads) <= 4
    assert "3 more curves: --plot FILE draws all" in text
    assert len(re.findall(r"^ +r1 .* r9 ", comparison_view(compared, ink=NO_INK), re.MULTILINE)) == 1, (
        "a pipe isn't cut"
    )


def test_a_line_of_thousands_of_versions_is_drawn() -> None:
    hashes = {"recipe_hash": "0" * 64, "config_hash": "0" * 64}
    versions = [
        VersionLine(number=number, parent=f"net@{number - 1}" if number > 1 else None, **hashes)
        for number in range(1, 3_001)
    ]
    drawn = versions_view(VersionTree(name="net", versions=tuple(versions)), ink=NO_INK).splitlines()
    assert (len(drawn), drawn[0], drawn[-2]) == (6_000, "net@1  ", "net@3000  ")


def test_a_run_has_one_line_with_its_ids_version_status_and_best() -> None:
    line = headline(run(7).summary, ink=NO_INK)
    assert line == "r7  deep-maple  digits-mlp@1  finished  3 epochs  best val_loss 0.3 at epoch 2  0.8 s"


def test_a_list_of_runs_has_a_line_each() -> None:
    lines = render_text(runs_table([run(2).summary, run(1).summary]), ink=NO_INK).splitlines()
    assert [line.split()[0] for line in lines] == ["id", "r2", "r1"]
    assert "outcome" not in lines[0]


def test_a_run_view_tells_what_went_in_what_came_out_and_whence() -> None:
    full = run(7, findings=(FINDING,), hypothesis="smaller is better", tags=("base",)).model_copy(
        update={"journal": (JournalEntry(kind="note", text="looks fine", at="2026-11-20T09:00:00Z", author="ann"),)}
    )
    text = run_view(full, ink=NO_INK)
    for part in (
        "smaller is better",
        "L101",
        "looks fine",
        "ann",
        "optimizer.lr = 0.001",
        "cccccccccccc main",
        "train 80",
    ):
        assert part in text, part
    assert "┤" in text


def test_a_failed_run_shows_its_error_short() -> None:
    attempt = AttemptRecord(number=1, started_at="", error=ErrorRecord(message="no layer", traceback="Traceback: long"))
    text = run_view(run(1, losses=(), status="failed").model_copy(update={"attempts": (attempt,)}), ink=NO_INK)
    assert "no layer" in text
    assert "Traceback" not in text


def test_a_diverged_run_shows_step_and_layer() -> None:
    end = EndRecord(status="diverged", nonfinite_step=17, nonfinite_layer="layers.2")
    text = run_view(run(1, losses=(0.5, float("nan")), status="diverged").model_copy(update={"end": end}), ink=NO_INK)
    assert "at step 17, first in layers.2" in text
    assert "NaN" in text


def test_a_long_run_shows_its_beginning_best_and_end() -> None:
    losses = tuple(1.0 if epoch != 50 else 0.1 for epoch in range(1, 101))
    text = run_view(run(1, losses=losses), ink=NO_INK)
    table = text[text.index("epoch  train_loss") :]
    shown = re.findall(r"^ +(\d+)  +\d", table, re.MULTILINE)
    assert shown == ["1", "2", "3", "50", "96", "97", "98", "99", "100"]
    assert "100 epochs" in text


def test_no_text_of_a_person_reaches_the_terminal_raw() -> None:
    hostile = run(1, hypothesis=f"h{ESCAPE}", tags=(f"t{ESCAPE}",), first_finding=f"f{ESCAPE}").model_copy(
        update={
            "journal": (JournalEntry(kind="note", text=f"n{ESCAPE}", reason=ESCAPE, at=ESCAPE, author=ESCAPE),),
            "findings": (FINDING.model_copy(update={"message": ESCAPE, "where": ESCAPE, "remedy": ESCAPE}),),
            "config": {**digits(), "hypothesis": ESCAPE, f"k{ESCAPE}": {ESCAPE: ESCAPE}},
        }
    )
    views = [
        run_view(hostile, ink=NO_INK),
        render_text(runs_table([hostile.summary]), ink=NO_INK),
        comparison_view(compare([hostile, run(2)]), ink=NO_INK),
        difference_view(diff_of(hostile, run(2)), ink=NO_INK),
    ]
    assert not [view for view in views if "\x1b" in view]
    assert "\\x1b[2J" in views[0]


def test_ascii_is_enough_for_a_run() -> None:
    text = run_view(run(1), ink=NO_INK, draws_unicode=False)
    assert "┤" not in text
    assert "*" in text


def test_a_finding_says_what_was_measured_expected_why_and_what_to_change() -> None:
    text = findings_view((FINDING,), ink=NO_INK)
    assert text.splitlines()[0] == "warning L101 learning-rate-out-of-bounds at optimizer.lr"
    for part in (
        "0.5, expected 1e-5 to 1e-2",
        "why: large steps",
        "try: lower it",
        "--set optimizer.lr=0.001",
        "S1-13",
    ):
        assert part in text, part


def test_an_ignored_finding_is_one_line_with_its_reason() -> None:
    ignored = FINDING.model_copy(update={"ignored": "on purpose"})
    assert findings_view((ignored,), ink=NO_INK) == "warning L101 learning-rate-out-of-bounds (ignored: on purpose)"
    assert findings_summary((FINDING, ignored)) == "1 warning, 1 ignored"
    assert findings_summary(()) == "no findings"


def test_a_finding_that_another_explains_says_so() -> None:
    text = news_view((FINDING.model_copy(update={"explained_by": "D101"}),), ink=NO_INK)
    assert text.endswith("(probably a result of D101)")
    assert "\n" not in text


def diff_of(left: RunRecord, right: RunRecord, *, blobs: dict[str, bytes] | None = None) -> Diff:
    before, after = left.start_of_run, right.start_of_run
    assert before is not None
    assert after is not None
    return Diff(
        left=left.summary.id,
        right=right.summary.id,
        config=diff_configs(left.config, right.config),
        same_recipe=False,
        code=diff_code(before.code, after.code, blobs=blobs),
        data=diff_data(left.data, right.data),
        environment=diff_environment(before.environment, after.environment),
        git=diff_git(before.git, after.git),
    )


def test_a_difference_shows_paths_values_and_the_changed_lines_of_code() -> None:
    old, blobs = code(net="x = 1")
    new, more = code(net="x = 2")
    left = run(1, source=old)
    right = run(2, source=new, config=digits(optimizer={"kind": "adam", "lr": 0.01}, name="other"), host="there")
    text = difference_view(diff_of(left, right, blobs=blobs | more), ink=NO_INK)
    assert "~ optimizer.lr  0.001 → 0.01" in text
    assert '~ name          "digits-mlp" → "other"  (no effect on the result)' in text
    assert "-x = 1" in text
    assert "+x = 2" in text
    assert text.index("optimizer.lr") < text.index("~ name")
    assert re.search(r"host +\"here\" → \"there\"  \(no effect", text)
    assert re.search(r"data\n +same", text)


def test_no_difference_is_said() -> None:
    text = difference_view(Diff(left="a", right="b", config=(), same_recipe=True), ink=NO_INK)
    assert "config\n  same" in text


def test_a_comparison_has_a_column_a_run_and_the_findings_of_each() -> None:
    other = run(2, config=digits(optimizer={"kind": "adam", "lr": 0.01}), losses=(0.9, 0.8), findings=(FINDING,))
    text = comparison_view(compare([run(1), other]), ink=NO_INK)
    assert re.search(r"optimizer\.lr +0\.001 +0\.01", text)
    assert re.search(r"val_loss best +0\.3 @2 +0\.8 @2 \(\+0\.5\)", text)
    assert "r2 findings: L101 learning-rate-out-of-bounds" in text
    assert text.endswith("worsened the best val_loss from 0.3 to 0.8.")


def test_a_comparison_as_data_has_a_row_a_run() -> None:
    table = comparison_table(compare([run(1), run(2, config=digits(training={"epochs": 3}))]))
    names = [column.name for column in table.columns]
    assert [row[names.index("training.epochs")] for row in table.rows] == [20, 3]
    assert [row[names.index("val_loss.best")] for row in table.rows] == [0.3, 0.3]


def test_a_moment_is_told_in_the_readers_time_zone() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", show_moment("2026-11-20T08:00:00.123456Z"))
    assert show_moment("not a time\x1b") == "not a time\\x1b"


def test_a_field_that_one_kind_has_at_null_and_another_lacks_has_no_row() -> None:
    squashed = {"kind": "tanh-squash", "c": 3.0, "columns": None}
    source = {"kind": "sklearn", "dataset": "digits"}
    prepared = [digits(data={"source": source, "inputs": [step]}) for step in ("standardize", squashed)]
    compared = compare([run(place, config=config) for place, config in enumerate(prepared, start=1)])
    text = comparison_view(compared, ink=NO_INK)
    assert "data.inputs[0].c" in text
    assert "data.inputs[0].groups" not in text
