"""What is derived is the same whether it is kept up epoch by epoch, made again from the rows, or worked out naively."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.store import live, open_reader, open_writer
from logbook.store.verify import rebuild, verify
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.summary import RunSummary
from tests.store.making import attempt, begin, derived_rows, epoch, start_of_run

number = st.one_of(
    st.floats(-5, 5, allow_nan=False), st.sampled_from([math.nan, math.inf, -math.inf, 0.5, 0.5, -0.0]), st.none()
)
step = st.one_of(
    st.tuples(st.just("epoch"), number, number, number),
    st.tuples(st.just("epoch"), number, number, number),
    st.tuples(st.just("back"), st.integers(0, 6)),
    st.tuples(st.just("note"), st.sampled_from(["note", "tag", "untag", "outcome"])),
    st.tuples(st.just("pretrain")),
    st.tuples(st.just("end"), st.booleans()),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(step, max_size=14), mode=st.sampled_from(["min", "max"]), others=st.booleans())
def test_kept_up_made_again_and_naive_agree(steps, mode, others):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        counting, said, laid_over = _play(folder, steps, mode, others)
        with open_reader(folder) as reader:
            before = derived_rows(reader)
            assert before == laid_over
            assert [record.epoch for record in reader.epochs(1) if record.phase == "train"] == sorted(counting)
            _hold_against(reader.summary(1), counting, mode)
            assert (reader.summary(1).outcome or "") == said
            with reader.connection() as raw:
                rows = raw.execute("SELECT name, first, last, best, best_kind FROM run_metric").fetchall()
        assert {name for name, *_ in rows} == {name for values in counting.values() for name in values}
        for name, first, last, best, kind in rows:
            series = [values[name] for _, values in sorted(counting.items()) if name in values]
            finite = [value for value in series if not math.isnan(value)]
            pick = max if name == "accuracy" or (name == "score" and mode == "max") else min
            assert _same(first, series[0])
            assert _same(last, series[-1])
            assert best == pick(finite) if finite else (best, kind) == (None, "nan")
        rebuild(folder)
        with open_reader(folder) as reader:
            assert derived_rows(reader) == before
        assert verify(folder) == []


def test_a_summary_that_is_read_is_what_validation_makes_of_it(tmp_path):
    with open_writer(tmp_path) as writer:
        begin(writer)
        writer.append_epoch(1, 1, epoch(1), None)
    with open_reader(tmp_path) as reader:
        (read,) = reader.runs()
    assert read.model_fields_set == set(RunSummary.model_fields)
    assert RunSummary.model_validate_json(read.model_dump_json()) == read


def _play(folder, steps, mode, others):
    """Record a history; returns what counts of it, worked out the plain way, the outcome that stands, and what is
    derived as it reads while the run goes on."""
    counting, said, suggested, current, last, ended = {}, "", "", 1, 0, set()
    start = start_of_run(monitor={"metric": "score", "mode": mode})
    with open_writer(folder) as writer, open_writer(folder) as second:
        run = begin(writer, start=start)
        for place, (kind, *values) in enumerate(steps):
            chosen = second if others and place % 3 == 2 else writer
            if kind == "epoch":
                last += 1
                train_loss, score, accuracy = values
                metrics = {name: one for name, one in (("score", score), ("accuracy", accuracy)) if one is not None}
                chosen.append_epoch(1, current, epoch(last, train_loss=train_loss, metrics=metrics, val_loss=None))
                own = {"seconds": 0.5, "lr": 0.001} | ({} if train_loss is None else {"train_loss": train_loss})
                counting[last] = own | metrics
            elif kind == "back":
                last = min(values[0], last)
                current = chosen.begin_attempt(1, attempt(resumed_from=last))
                counting = {key: value for key, value in counting.items() if key <= last}
                suggested = ""
            elif kind == "end":
                if current not in ended:
                    suggestion = JournalEntry(kind="suggestion", text="dead-end", reason="why") if values[0] else None
                    chosen.end_attempt(1, current, status="finished", suggestion=suggestion)
                    suggested = "dead-end" if values[0] else suggested
                ended.add(current)
            elif kind == "note":
                chosen.add_journal(1, JournalEntry(kind=values[0], text="done"))
                said = "done" if values[0] == "outcome" else said
            else:
                chosen.append_epoch(1, current, epoch(place + 1, phase="pretrain"))
        with live.hold(folder, run.uuid), open_reader(folder) as reader:
            return counting, said or suggested, derived_rows(reader)


def _hold_against(summary, counting, mode):
    scores = {key: values["score"] for key, values in sorted(counting.items()) if "score" in values}
    finite = {key: value for key, value in scores.items() if not math.isnan(value)}
    best = (min if mode == "min" else max)(finite, key=finite.__getitem__, default=None)
    assert summary.best_epoch == best
    assert summary.best_value == finite.get(best)
    assert summary.epochs == len(counting)
    assert summary.seconds == 0.5 * len(counting)
    newest = counting[max(counting)] if counting else {}
    assert _same(summary.last_train_loss, newest.get("train_loss"))


def _same(one, other):
    """Equal, where the database has NULL for a NaN."""
    return one == other or ((one is None or math.isnan(one)) and (other is None or math.isnan(other)))


def test_the_best_follows_the_monitored_metric(tmp_path):
    with open_writer(tmp_path) as writer:
        begin(writer, start=start_of_run(monitor={"metric": "accuracy", "mode": "max"}))
        for place, accuracy in enumerate((0.5, math.nan, 0.9, 0.9, 0.7), start=1):
            writer.append_epoch(1, 1, epoch(place, metrics={"accuracy": accuracy}))
    with open_reader(tmp_path) as reader:
        summary = reader.summary(1)
    assert (summary.best_epoch, summary.best_value, summary.best_val_loss) == (3, 0.9, pytest.approx(1.0))


def test_many_metrics_are_kept_like_few(tmp_path):
    with open_writer(tmp_path) as writer:
        begin(writer)
        for place in (1, 2):
            writer.append_epoch(1, 1, epoch(place, metrics={f"metric_{one}": place * one / 7 for one in range(100)}))
    with open_reader(tmp_path) as reader:
        before = derived_rows(reader)
    rebuild(tmp_path)
    with open_reader(tmp_path) as reader:
        assert derived_rows(reader) == before
    assert len(before["run_metric"]) == 104


def test_a_run_reads_the_same_while_it_goes_on_and_after_its_end(tmp_path):
    odd = {"nan": [math.nan] * 2, "up": [0.1, math.inf], "down": [-math.inf, 1 / 3], 'a"b\n.é': [1.0, 1e-300]}
    with open_writer(tmp_path) as writer:
        begin(writer)
        for place in (1, 2):
            metrics = {name: values[place - 1] for name, values in odd.items()}
            writer.append_epoch(1, 1, epoch(place, metrics=metrics))
        live = _metrics(tmp_path)
        writer.end_attempt(1, 1, status="finished")
        ended = _metrics(tmp_path)
        writer.begin_attempt(1, attempt(resumed_from=2))
    assert live[0] == ended[0] == _metrics(tmp_path)[0]
    assert [found[1] for found in (live, ended, _metrics(tmp_path))] == [0, len(live[0]), 0]
    rows = {name: rest for _, name, *rest in live[0]}
    assert set(rows) == {*odd, "train_loss", "val_loss", "lr", "seconds"}
    assert rows["nan"] == ["max", None, "nan", None, "nan", None, "nan", None]
    assert rows["up"] == ["max", 0.1, "number", math.inf, "inf", math.inf, "inf", 2]
    assert rows["down"] == ["max", -math.inf, "-inf", 1 / 3, "number", 1 / 3, "number", 2]
    assert rows['a"b\n.é'] == ["max", 1.0, "number", 1e-300, "number", 1.0, "number", 1]


def _metrics(folder):
    """Return what `run_metric` says, and how many of its rows are stored one by one."""
    with open_reader(folder) as reader, reader.connection() as raw:
        rows = raw.execute("SELECT * FROM run_metric ORDER BY run_id, name").fetchall()
        return rows, raw.execute("SELECT count(*) FROM metric_extent").fetchone()[0]
