"""Runs side by side."""

from __future__ import annotations

import math

from logbook.history.compare import best_epoch, compare
from logbook.history.documents import run_document, run_line
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord
from tests.history.records import code, data_record, digits, epochs, run

FAST = {"kind": "adam", "lr": 0.01}


def test_one_setting_that_differs_is_named_with_what_it_did() -> None:
    worse = run(2, config=digits(optimizer=FAST), losses=(0.9, 0.8))
    sentence = compare([run(1), worse]).sentence
    assert "optimizer.lr from 0.001 to 0.01 worsened the best val_loss from 0.3 to 0.8" in sentence
    assert "improved" in compare([worse, run(1)]).sentence


def test_a_section_of_another_kind_is_one_setting() -> None:
    slow = run(2, config=digits(optimizer={"kind": "momentum", "lr": 0.001}), losses=(0.9, 0.8))
    assert compare([run(1), slow]).sentence.startswith('optimizer.kind from "adam" to "momentum" worsened')


def test_two_settings_that_differ_are_no_one_cause() -> None:
    both = run(2, config=digits(optimizer=FAST, training={"epochs": 3}))
    assert compare([run(1), both]).sentence == ""


def test_other_code_or_data_are_another_cause() -> None:
    other_code = run(2, config=digits(optimizer=FAST), source=code(net="x = 2")[0])
    other_data = run(2, config=digits(optimizer=FAST), data=data_record("bb"))
    assert compare([run(1), other_code]).sentence == ""
    assert compare([run(1), other_data]).sentence == ""


def test_a_seed_is_no_cause() -> None:
    comparison = compare([run(1), run(2, config=digits(training={"seed": 4}), losses=(0.5, 0.2))])
    assert comparison.sentence == "Only the seed differs: the best val_loss is 0.3 and 0.2 by chance."
    assert [(setting.path, setting.matters) for setting in comparison.settings] == [("training.seed", False)]


def test_what_is_not_known_to_be_the_same_is_said() -> None:
    unknown = run(2, config=digits(optimizer=FAST), data=data_record(method="sampled"), losses=(0.2,))
    told = compare([run(1), unknown]).sentence
    assert told.endswith("from 0.3 to 0.2; whether the data is the same is unknown.")
    assert compare([run(1), run(2, data=data_record(method="sampled"))]).sentence == ""


def test_a_training_that_did_not_come_to_its_end_is_no_better_and_no_worse() -> None:
    stopped = run(2, config=digits(optimizer=FAST), losses=(0.2,), status="interrupted")
    assert compare([run(1), stopped]).sentence == (
        "optimizer.lr from 0.001 to 0.01 is all that differs: r1 finished with a best val_loss of 0.3,"
        " r2 was interrupted with a best val_loss of 0.2."
    )
    same = compare([run(1), run(2, losses=(0.5,), status="crashed")]).sentence
    assert same.startswith("Nothing that can change the result differs: r1 finished with ")
    assert same.endswith(", r2 crashed with a best val_loss of 0.5.")
    seed = run(2, config=digits(training={"seed": 4}), losses=(), status="diverged")
    assert compare([run(1), seed]).sentence.startswith(
        "Only the seed differs: r1 finished with a best val_loss of 0.3, r2"
    )


def test_what_isnt_repeatable_is_said() -> None:
    told = compare([run(1), run(2, losses=(0.2,))]).sentence
    assert told.endswith("but the best val_loss, 0.3 and 0.2: this training isn't repeatable to the bit.")


def test_settings_have_one_value_a_run() -> None:
    runs = [run(1), run(2, config=digits(optimizer=FAST)), run(3, config=digits(training={"seed": 1}))]
    comparison = compare(runs)
    assert [setting.path for setting in comparison.settings] == ["optimizer.lr", "training.seed"]
    assert comparison.settings[0].values == (0.001, 0.01, 0.001)


def test_results_say_best_last_and_the_difference() -> None:
    comparison = compare([run(1, losses=(0.5, 0.3, 0.4)), run(2, losses=(0.6, 0.2))])
    loss = next(metric for metric in comparison.metrics if metric.name == "val_loss")
    assert loss.best == (0.3, 0.2)
    assert loss.best_epochs == (2, 2)
    assert loss.last == (0.4, 0.2)
    assert loss.gain[0] == 0
    assert math.isclose(loss.gain[1] or 0, -0.1)


def test_code_data_and_environment_are_judged_against_the_first_run() -> None:
    other = run(2, python="3.12.0", source=code(net="x = 2")[0], data=data_record(method="sampled"))
    first, second = compare([run(1), other]).runs
    assert (first.code, first.data, first.environment) == ("same", "same", "same")
    assert (second.code, second.data, second.environment) == ("different", "unknown", "different")


def test_another_host_is_no_other_environment() -> None:
    comparison = compare([run(1), run(2, host="there")])
    assert comparison.runs[1].environment == "same"
    assert [(one.path, one.matters) for one in comparison.environment] == [("host", False)]


def test_each_run_brings_its_findings_and_curves() -> None:
    finding = Finding(code="D101", name="unscaled-inputs", severity="warning", moment="data", message="big")
    comparison = compare([run(1, findings=(finding,)), run(2)])
    assert comparison.runs[0].findings == (finding,)
    assert comparison.runs[1].findings == ()
    assert comparison.runs[0].validation_curve == (0.5, 0.3, 0.4)
    assert comparison.runs[0].train_curve == (0.25, 0.15, 0.2)


def test_the_best_epoch_is_the_first_of_equals_and_never_nan() -> None:
    records = epochs(float("nan"), 0.3, 0.3, None)
    assert best_epoch(records, "val_loss", "min") == (2, 0.3)
    assert best_epoch(records, "accuracy", "max") == (None, None)
    assert best_epoch(epochs(float("nan")), "val_loss", "min") == (None, None)


def test_a_higher_accuracy_is_better() -> None:
    records = (*epochs(1.0, accuracy=0.5), epochs(1.0, 1.0, accuracy=0.9)[1])
    assert best_epoch(records, "accuracy", "max") == (2, 0.9)


def test_runs_without_epochs_compare() -> None:
    comparison = compare([run(1, losses=(), status="failed"), run(2)])
    assert comparison.metrics[0].best[0] is None


def test_a_run_document_has_the_keys_that_scripts_read() -> None:
    document = run_document(run(7)).model_dump(mode="json")
    promised = [
        "id",
        "uuid",
        "name",
        "config_hash",
        "recipe_hash",
        "status",
        "epochs",
        "best",
        "findings",
        "git",
        "data",
        "environment",
    ]
    assert set(promised) <= document.keys()
    assert document["id"] == "r7"
    assert {"epoch", "train_loss", "val_loss", "metrics"} <= document["epochs"][0].keys()
    assert document["best"] == {"epoch": 2, "metric": "val_loss", "value": 0.3, "val_loss": 0.3}


def test_a_run_document_says_why_it_failed() -> None:
    failed = run(1, losses=(), status="failed")
    attempt = AttemptRecord(number=1, started_at="", reason="stopped", error=ErrorRecord(message="no such layer"))
    document = run_document(failed.model_copy(update={"attempts": (attempt,)}))
    assert (document.reason, document.error, document.best) == ("stopped", "no such layer", None)


def test_a_line_of_a_list_has_its_short_id() -> None:
    line = run_line(run(3).summary)
    assert line["id"] == "r3"
    assert line["number"] == 3
