"""Rules on the plan of a training, at their thresholds."""

import pytest

from logbook_schemas.checklist.examples import config, data, evidence
from tests.schemas.checklist.judging import judged, of_config, rows, severity_of

NORMALIZED = {"kind": "mlp", "normalization": "batch"}
SIGMOID = {"kind": "mlp", "activation": "sigmoid"}
RECONSTRUCTION = {"task": "reconstruction", "loss": "mse"}


@pytest.mark.parametrize(("size", "severity"), [(2, "warning"), (3, "warning"), (4, "note"), (7, "note"), (8, None)])
def test_batch_norm_is_judged_by_its_batch(size, severity):
    assert of_config("small-batch-normalization", model=NORMALIZED, training={"batch_size": size}) == severity


def test_batch_norm_in_convolutions_alone_counts_every_pixel():
    residual, cnn = {"kind": "residual-cnn"}, {"kind": "cnn", "normalization": "batch"}
    assert of_config("small-batch-normalization", model=residual, training={"batch_size": 2}) == "note"
    assert of_config("small-batch-normalization", model=cnn, training={"batch_size": 2}) == "warning"


@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_small_batches_alone_are_fine(normalization):
    model = {"kind": "mlp", "normalization": normalization}
    assert of_config("small-batch-normalization", model=model, training={"batch_size": 1}) is None
    assert of_config("large-batch", training={"batch_size": 1}) is None


def test_a_batch_that_shrinks_is_judged_at_its_smallest():
    shrinking = {"batch_size": 32, "epochs": 9, "batch_schedule": {"kind": "step", "every": 2, "factor": 0.5}}
    [found] = judged("small-batch-normalization", evidence(config=config(model=NORMALIZED, training=shrinking)))
    assert (found.measured, found.severity) == (2, "warning")


@pytest.mark.parametrize(
    ("size", "train", "severity"),
    [
        (144, 1440, None),
        (145, 1440, "note"),
        (32, 40, None),
        (33, 40, "note"),
        (512, 60_000, None),
        (513, 60_000, "note"),
    ],
)
def test_a_batch_is_large_beside_its_rows(size, train, severity):
    assert of_config("large-batch", train=train, training={"batch_size": size}) == severity


def test_a_batch_of_more_rows_than_there_are_says_so():
    [found] = judged("large-batch", evidence(config=config(training={"batch_size": 5000})))
    assert "all of them" in found.message
    assert of_config("large-batch", training={"batch_size": "all"}) is None


@pytest.mark.parametrize(("epochs", "severity"), [(9, "warning"), (10, "note"), (99, "note"), (100, None)])
def test_updates_are_counted_over_the_whole_training(epochs, severity):
    assert of_config("few-updates", training={"batch_size": "all", "epochs": epochs}) == severity
    assert of_config("few-updates", train=320, training={"batch_size": 32, "steps": epochs}) == severity


def test_optimizers_that_search_take_few_steps():
    for optimizer in ("lbfgs", "conjugate-gradient", {"kind": "python", "target": "torch.optim:LBFGS"}):
        assert of_config("few-updates", optimizer=optimizer, training={"batch_size": "all", "epochs": 5}) is None


def test_the_change_of_few_updates_is_enough():
    [found] = judged("few-updates", evidence(config=config(training={"batch_size": "all", "epochs": 7})))
    epochs = found.change["training.epochs"]
    assert of_config("few-updates", training={"batch_size": "all", "epochs": epochs}) is None


@pytest.mark.parametrize(("train", "severity"), [(999_999, "note"), (1_000_000, None)])
def test_one_epoch_may_do_for_a_million_rows(train, severity):
    assert of_config("single-epoch", train=train, training={"epochs": 1}) == severity
    assert of_config("single-epoch", train=train, training={"epochs": 2}) is None


@pytest.mark.parametrize(
    ("training", "severity"),
    [
        ({"epochs": 50}, None),
        ({"epochs": 51}, "note"),
        ({"epochs": 51, "early_stopping": {"patience": 5}}, None),
        ({"epochs": 51, "steps": 900}, None),
        ({"epochs": 51, "time_limit": 9.0}, None),
    ],
    ids=str,
)
def test_something_ends_a_long_training(training, severity):
    assert of_config("endless-training", training=training) == severity


def test_a_few_rows_may_be_learnt_by_heart_for_as_long_as_it_takes():
    by_heart = {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 50}
    everything = {**by_heart, "limit": 50, "split": {"kind": "random", "validation": 0.0}}
    assert of_config("endless-training", data=by_heart, training={"epochs": 500}) is None
    known = evidence(config=config(data=everything), data=data(splits={"train": rows(50)["train"]}))
    assert severity_of("unvalidated-training", known) is None


@pytest.mark.parametrize(("validation", "severity"), [(0, "note"), (1, None)])
def test_held_out_rows_are_looked_for_in_the_data(validation, severity):
    known = evidence(data=data(splits=rows(1440, validation)))
    assert severity_of("unvalidated-training", known) == severity


@pytest.mark.parametrize(("steps", "severity"), [(200, None), (201, "note")])
def test_long_sequences_are_cut(steps, severity):
    assert of_config("untruncated-recurrence", model="rnn", shape=(steps, 1)) == severity
    cut = {"procedure": "truncated-bptt"}
    assert of_config("untruncated-recurrence", model="rnn", shape=(steps, 1), training=cut) is None
    assert of_config("untruncated-recurrence", shape=(steps, 1)) is None


@pytest.mark.parametrize(("epochs", "severity"), [(1, "note"), (2, None)])
def test_a_boltzmann_machine_sees_its_data_several_times(epochs, severity):
    pretraining = {"pretraining": {"epochs": epochs}}
    assert of_config("single-pass-pretraining", model=SIGMOID, training=pretraining) == severity
    assert of_config("single-pass-pretraining", model="rbm", training={"epochs": epochs}, **RECONSTRUCTION) == severity
    assert of_config("single-pass-pretraining", training={"epochs": epochs}) is None


@pytest.mark.parametrize(("updates", "severity"), [(1, None), (2, "note")])
def test_a_batch_is_learnt_once(updates, severity):
    assert of_config("repeated-batch", training={"updates_per_batch": updates}) == severity


@pytest.mark.parametrize(
    ("stopping", "where"),
    [
        ({"patience": 2}, ["training.early_stopping.patience"]),
        ({"patience": 3}, []),
        ({"patience": 9, "min_delta": 0.1}, []),
        ({"patience": 9, "min_delta": 0.11}, ["training.early_stopping.min_delta"]),
    ],
    ids=str,
)
def test_stopping_is_patient(stopping, where):
    found = judged("impatient-stopping", evidence(config=config(training={"early_stopping": stopping})))
    assert [one.where for one in found] == where
    assert {one.severity for one in found} <= {"note"}


def test_stopping_by_the_train_loss_is_noted():
    stopping = {"early_stopping": {"patience": 9}}
    [found] = judged("impatient-stopping", evidence(config=config(monitor="train_loss", training=stopping)))
    assert found.where == "monitor.metric"
