"""Rules of how a person's own network is put together, and of what its last layer and its loss are for."""

import pytest

from logbook_schemas.checklist.examples import config, curve, data, end, evidence, regression_data, start
from logbook_schemas.records.measures import ArrayRecord, LayerRecord
from logbook_schemas.records.rows import ProbeScore, SignalRecord
from logbook_schemas.records.start import LossRecord, OutputRecord, StructureRecord
from tests.schemas.checklist.judging import judged, severity_of

OWN = {"kind": "python", "target": "net:build"}
OWN_LOSS = {"kind": "python", "target": "net:loss"}
DIABETES = {"source": {"kind": "sklearn", "dataset": "diabetes"}}


def of_network(name, *, outputs=(10,), task="classification", inputs=64, training=None, **structure):
    record = start(structure=StructureRecord(**structure), output_shape=outputs)
    numbers = {"task": task, "loss": "mse", "data": DIABETES} if task == "regression" else {"task": task}
    known = config(model=OWN, training=training or {}, **numbers)
    return severity_of(name, evidence(config=known, start=record, data=data(input_shape=(inputs,), task=task)))


def of_loss(name, *, task="classification", outputs=(10,), targets=(), classes=10, to_one=None, **loss):
    numbers = {"data": DIABETES} if task == "regression" else {}
    known = config(model=OWN, loss=OWN_LOSS, task=task, **numbers)
    record = start(
        loss=LossRecord(**loss),
        output_shape=outputs,
        target_shape=targets,
        class_targets=classes,
        outputs_sum_to_one=to_one,
    )
    return severity_of(
        name, evidence(config=known, start=record, data=data(classes=("a",) * (classes or 0), task=task))
    )


@pytest.mark.parametrize(
    ("units", "outputs", "inputs", "severity"),
    [
        (4, 10, 64, "warning"),
        (5, 10, 64, None),
        (2, 3, 2, "warning"),
        (3, 3, 2, "note"),
        (4, 3, 2, None),
        (2, 1, 2, "note"),
        (1, 1, 2, "warning"),
        (2, 1, 5, "warning"),
        (5, 1000, 64, None),
    ],
)
def test_what_everything_has_to_pass_may_not_be_too_narrow(units, outputs, inputs, severity):
    assert of_network("narrow-passage", narrow={"fc2": units}, outputs=(outputs,), inputs=inputs) == severity


def test_a_code_is_narrow_on_purpose():
    record = start(structure=StructureRecord(narrow={"code": 2}), output_shape=(64,))
    known = config(model=OWN, task="reconstruction", loss="mse")
    assert severity_of("narrow-passage", evidence(config=known, start=record)) is None


@pytest.mark.parametrize(("share", "severity"), [(None, None), (0.0, None), (0.019, None), (0.02, "warning")])
def test_outputs_are_not_dropped(share, severity):
    assert of_network("dropped-outputs", dropped_outputs=share) == severity


@pytest.mark.parametrize(
    ("p", "by_rows", "severity"),
    [
        (0.3, (), "note"),
        (0.39, (), "note"),
        (0.4, (), "warning"),
        (1.0, (), "warning"),
        (0.05, ("bn",), "note"),
        (0.1, ("bn",), "warning"),
    ],
)
def test_a_normalization_behind_much_dropout_is_a_warning(p, by_rows, severity):
    found = of_network("dropped-normalization-inputs", dropped_normalizations={"bn": p}, normalized_by_rows=by_rows)
    assert found == severity


@pytest.mark.parametrize(("size", "severity"), [(2, "warning"), (3, "warning"), (4, "note"), (8, None), ("all", None)])
def test_few_rows_are_no_batch_to_normalize(size, severity):
    found = of_network("few-normalized-rows", normalized_by_rows=("bn",), training={"batch_size": size})
    assert found == severity


@pytest.mark.parametrize(("inputs", "severity"), [(2, "warning"), (3, "warning"), (4, "note"), (64, "note")])
def test_a_network_without_a_bias_and_with_few_inputs_is_a_warning(inputs, severity):
    assert of_network("unbiased-network", unbiased=True, inputs=inputs) == severity
    assert of_network("unbiased-network", unbiased=None, inputs=inputs) is None


@pytest.mark.parametrize(("mean", "severity"), [(0.9, "note"), (1.1, "warning")])
def test_targets_far_from_0_ask_for_a_bias(mean, severity):
    record = regression_data(targets=ArrayRecord(dtype="float32", mean=mean, std=1.0))
    known = config(model=OWN, data=DIABETES)
    structure = StructureRecord(unbiased=True)
    found = severity_of("unbiased-network", evidence(config=known, start=start(structure=structure), data=record))
    assert found == severity


@pytest.mark.parametrize(
    ("like", "outputs", "severity"),
    [
        ("mse", 10, "warning"),
        ("l1", 2, "warning"),
        ("bce-with-logits", 3, "warning"),
        ("bce", 2, None),
        ("cross-entropy", 10, None),
        ("", 10, None),
    ],
)
def test_a_loss_is_judged_by_what_it_is_like(like, outputs, severity):
    assert of_loss("unsuited-loss", like=like, outputs=(outputs,)) == severity


def test_squares_of_probabilities_are_a_score_of_classes():
    assert of_loss("unsuited-loss", like="mse", to_one=True) is None
    assert of_loss("unsuited-loss", like="mse", to_one=False) == "warning"


@pytest.mark.parametrize(
    ("case", "severity"),
    [
        ({"takes": "logits", "outputs": (14,)}, "note"),
        ({"takes": "logits", "outputs": (15,)}, "warning"),
        ({"takes": "logits", "outputs": (20,)}, "warning"),
        ({"takes": "logits", "outputs": (10,)}, None),
        ({"takes": "logits", "outputs": (9,)}, "error"),
        ({"takes": "values", "like": "mse", "outputs": (1,), "classes": 3}, "warning"),
        ({"takes": "values", "like": "mse", "outputs": (1,), "classes": 2}, None),
        ({"indifferent": True, "outputs": (1,), "task": "binary", "targets": (1,)}, "error"),
        ({"indifferent": True, "outputs": (2,), "task": "binary", "targets": (2,)}, None),
        ({"outputs": (1,), "targets": (2,), "task": "regression", "like": "mse"}, "error"),
        ({"outputs": (1,), "targets": (2,), "task": "regression"}, None),
        ({"outputs": (2,), "targets": (1,), "task": "regression", "like": "mse"}, "error"),
        ({"outputs": (2,), "targets": (1,), "task": "regression"}, None),
        ({"outputs": (), "targets": (1,), "task": "regression"}, None),
        ({"outputs": (8, 10), "error": "shapes"}, "error"),
    ],
)
def test_outputs_are_as_many_as_targets_ask_for(case, severity):
    assert of_loss("wrong-output-size", **case) == severity


@pytest.mark.parametrize(("to_one", "severity"), [(True, "error"), (False, None)])
def test_labels_that_hold_at_once_share_no_probability(to_one, severity):
    found = of_loss("unreachable-targets", task="multilabel", outputs=(4,), targets=(4,), to_one=to_one)
    assert found == severity


def test_axes_that_were_cut_and_a_softmax_between_layers_are_told_where_they_were_seen():
    assert of_network("reshaped-axes", reshaped=(3, 8, 8)) == "error"
    assert of_network("reshaped-axes") is None
    assert of_network("softmax-between-layers", softmaxed=("last",)) == "warning"
    assert of_network("softmax-between-layers") is None


@pytest.mark.parametrize(
    ("case", "severity"),
    [
        ({}, "warning"),
        ({"reach": 0.8}, "warning"),
        ({"reach": 0.79}, None),
        ({"reach": 1.001}, "warning"),
        ({"reach": 1.002}, None),  # beyond torch's bound: no first weights
        ({"reach": None}, None),  # nothing is frozen
        ({"parameters": 20}, "warning"),
        ({"parameters": 19}, None),
        ({"accuracy": 0.54}, "warning"),
        ({"accuracy": 0.56}, None),
        ({"losses": (2.1, 2.0)}, None),
        ({"losses": (2.1, 2.0, 1.961)}, "warning"),
        ({"losses": (2.1, 2.0, 1.959)}, None),  # it still falls by more than 2 % an epoch
        ({"status": "interrupted"}, None),
    ],
    ids=str,
)
def test_layers_frozen_at_their_first_weights_are_told_where_little_is_learnt(case, severity):
    told = {"reach": 0.999, "parameters": 640, "accuracy": 0.3, "losses": (2.1, 2.0, 1.99), "status": "finished"} | case
    body = LayerRecord(name="body", kind="Linear", parameters=told["parameters"], frozen_reach=told["reach"])
    known = evidence(
        data=data(baseline={"accuracy": 0.1}),
        start=start(layers=(body,)),
        epochs=curve(told["losses"], train_metrics={"accuracy": told["accuracy"]}),
        end=end(status=told["status"]),
    )
    assert severity_of("frozen-first-weights", known) == severity


def bent(neighbours, straight, rows=400, outputs=2, **votes):
    probe = ProbeScore(name="nearest neighbours", score=neighbours, chance=0.0, spread=0.02)
    return data(signal=SignalRecord(rows=rows, outputs=outputs, probes=(probe,), straight=straight, **votes))


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (bent(0.9, 0.3), "warning"),
        (bent(0.9, 0.44), "warning"),
        (bent(0.9, 0.46), None),
        (bent(0.9, 0.3, outputs=3), None),
        (bent(0.49, 0.0), None),
        (bent(0.9, 0.0, rows=49), None),
        (bent(0.9, None), None),
        (data(), None),
    ],
)
@pytest.mark.parametrize("model", [OWN, {"kind": "linear"}])
def test_a_single_layer_is_too_few_where_the_data_are_bent(record, severity, model):
    line = start(behaviour=OutputRecord(affine_defect=1e-6, weight_layers=1))
    assert severity_of("affine-network", evidence(config=config(model=model), start=line, data=record)) == severity


@pytest.mark.parametrize(
    ("epochs", "accuracy", "defect", "severity"),
    [
        (20, 0.15, 1e-6, "warning"),
        (20, 0.25, 1e-6, None),
        (19, 0.15, 1e-6, None),
        (20, 0.15, 2e-4, None),
        (20, 0.15, None, None),
    ],
)
def test_a_line_that_learns_nothing_is_told_at_the_end(epochs, accuracy, defect, severity):
    line = start(behaviour=OutputRecord(affine_defect=defect, weight_layers=1))
    losses = curve([2.3] * epochs, [2.3] * epochs, train_metrics={"accuracy": accuracy})
    known = evidence(config=config(model=OWN), start=line, epochs=losses, end=end())
    assert severity_of("straight-answers", known) == severity


@pytest.mark.parametrize(
    ("accuracy", "votes", "severity"),
    [
        (0.5, 0.95, "warning"),
        (0.65, 0.95, None),
        (0.5, 0.5, None),
        (0.5, None, None),
    ],
)
def test_a_line_that_learns_far_less_than_neighbours_know_is_told_at_the_end(accuracy, votes, severity):
    line = start(behaviour=OutputRecord(affine_defect=1e-6, weight_layers=1))
    losses = curve([1.5] * 25, [1.5] * 25, train_metrics={"accuracy": accuracy})
    record = bent(0.9, 0.5, outputs=10, accuracy=votes, chance_accuracy=0.1)
    known = evidence(config=config(model=OWN), start=line, epochs=losses, end=end(), data=record)
    assert severity_of("straight-answers", known) == severity


def test_a_loss_that_still_falls_is_no_line_that_has_learnt_nothing():
    line = start(behaviour=OutputRecord(affine_defect=1e-6, weight_layers=1))
    falling = curve([3.0 * 0.98**epoch for epoch in range(25)], [2.3] * 25)
    assert not judged("straight-answers", evidence(config=config(model=OWN), start=line, epochs=falling, end=end()))


@pytest.mark.parametrize(
    ("values", "mean", "std", "severity"),
    [
        (tuple(range(10)), 4.5, 2.87, "warning"),
        ((0, 1, 2), 0.94, 0.775, "warning"),
        ((1, 2, 3), 2.0, 0.82, "warning"),
        ((3, 4, 5), 4.0, 0.82, "note"),
        ((0, 1), 0.5, 0.5, "note"),
        (tuple(range(9)), 4.0, 1.41, "note"),
        (tuple(range(9)), 2.0, 2.58, "note"),
    ],
)
def test_whole_numbers_that_are_as_frequent_as_classes_are_a_warning(values, mean, std, severity):
    found = ArrayRecord(dtype="int64", mean=mean, std=std)
    record = regression_data(target_values=values, raw_targets=found)
    assert severity_of("classification-as-regression", evidence(data=record)) == severity
