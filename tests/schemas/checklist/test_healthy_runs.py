"""Runs of many kinds of healthy program: not one warning, after any epoch.

Each is a run that well-meant thresholds cry wolf at: the remarks "measured" of the checklist, and the false alarms
of other tools (inputs beyond ±1, a gap between the losses, an accuracy above 0.95, dead units at the start).
"""

import math

import pytest

from logbook_schemas.checklist.catalogue import RULES, judge_moment
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, past, regression_data, start
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.findings import MOMENTS
from logbook_schemas.records.measures import ArrayRecord, LayerRecord, SharedRows, SplitRecord

OWN = {"kind": "python", "target": "net:build"}


def regression(**parts):
    diabetes = config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}})
    healthy = {"config": diabetes, "data": regression_data(), "start": start(initial_loss=1.1, expected_loss=None)}
    return evidence(**{**healthy, **parts})


def two_classes(train=(200, 200), validation=(50, 50), **fields):
    splits = {
        "train": SplitRecord(rows=sum(train), class_counts=train),
        "validation": SplitRecord(rows=sum(validation), class_counts=validation),
    }
    baseline = {"val_loss": 0.693, "accuracy": max(validation) / sum(validation)}
    return data(classes=("no", "yes"), output_size=2, splits=splits, **{"baseline": baseline, **fields})


def inputs(**fields):
    return data(inputs=ArrayRecord(dtype="float32", **fields))


def rate(kind, lr):
    return evidence(config=config(optimizer={"kind": kind, "lr": lr}))


HEALTHY = {
    "digits, a small mlp": evidence(),
    "nothing but epochs": Evidence(epochs=curve([1.0, 0.5, 0.3, 0.2, 0.15, 0.12, 0.11, 0.11, 0.11, 0.11])),
    "descent at 0.1": rate("sgd", 0.1),
    "descent at 0.5, as textbooks have it": rate("sgd", 0.5),
    "nesterov at 0.1, as large image networks have it": rate("nesterov", 0.1),
    "adam at 0.01": rate("adam", 0.01),
    "adamw at 3e-5, to fine-tune": rate("adamw", 3e-5),
    "adadelta at 1": rate("adadelta", 1.0),
    "log-softmax and nll": evidence(
        config=config(model={"kind": "cnn", "output_activation": "log-softmax"}, loss="nll")
    ),
    "logistic regression from the prior": evidence(config=config(model={"kind": "linear", "output_bias": "prior"})),
    "residual blocks that begin silent": evidence(
        config=config(model={"kind": "residual-cnn", "zero_init_residual": True}),
        start=start(no_gradient=("stages.0.0.residual.first.weight",), layers=(LayerRecord(name="0", weight_norm=0),)),
    ),
    "tanh that is scaled to its targets": regression(
        config=config(
            data={
                "source": {"kind": "sklearn", "dataset": "diabetes"},
                "targets": [{"kind": "min-max", "low": -2.0, "high": 2.0}],
            },
            model={"kind": "mlp", "output_activation": "tanh", "output_scale": 2.5},
        ),
        data=regression_data(targets=ArrayRecord(mean=-0.4, std=0.96, min=-2.0, max=2.0)),
    ),
    "dropout of a half": evidence(config=config(model={"kind": "mlp", "dropout": 0.5})),
    "an own model, an own loss": evidence(
        config=config(model=OWN, loss={"kind": "python", "target": "net:loss"}), start=start(expected_loss=None)
    ),
    "a head of he weights that begins at 2 ln C": evidence(start=start(initial_loss=4.5)),
    "a start below ln C": evidence(start=start(initial_loss=1.96)),
    "a pretrained model that begins almost done": evidence(config=config(model=OWN), start=start(initial_loss=0.2)),
    "half the units of a layer dead at the start": evidence(
        start=start(layers=(LayerRecord(name="0", parameters=640, dead_share=0.47, weight_norm=3.0),))
    ),
    "standardised inputs that reach 13": evidence(data=inputs(mean=0.0, std=1.0, min=-3, max=13.1, quantile_995=6.0)),
    "a sparse column, standardised": evidence(data=inputs(mean=0.0, std=1.0, min=-1, max=38.0, quantile_995=11.0)),
    "pixels from 0 to 1": evidence(data=inputs(mean=0.13, std=0.31, min=0.0, max=1.0, quantile_995=1.0)),
    "pixels from -1 to 1": evidence(data=inputs(mean=-0.7, std=0.6, min=-1.0, max=1.0, quantile_995=1.0)),
    "centred only": evidence(data=inputs(mean=0.0, std=0.2, min=-0.5, max=0.6, quantile_995=0.5)),
    "raw petals in centimetres": evidence(data=inputs(mean=3.5, std=2.0, min=0.1, max=7.9, quantile_995=7.3)),
    "three duplicates among the digits": evidence(
        data=data(shared=(SharedRows(split="validation", other="train", rows=3, share=0.008, distinct_rows=1790),))
    ),
    "a truth table, trained and validated on": evidence(
        data=two_classes(shared=(SharedRows(split="validation", other="train", rows=4, share=1.0, distinct_rows=4),))
    ),
    "iris with a duplicate": evidence(
        data=data(shared=(SharedRows(split="validation", other="train", rows=1, share=0.033, distinct_rows=149),))
    ),
    "classes of 9 to 1, most predicted large": evidence(
        data=two_classes((360, 40), (90, 10)),
        epochs=curve([0.4, 0.3, 0.25], [0.35, 0.3, 0.28], predicted_counts=(97, 3), metrics={"accuracy": 0.93}),
    ),
    "one class until the network wakes up": evidence(
        data=two_classes(),
        epochs=(
            *curve([0.70], [0.69], predicted_counts=(100, 0), metrics={"accuracy": 0.5}),
            *(
                e.model_copy(update={"epoch": e.epoch + 1})
                for e in curve([0.4, 0.2], [0.3, 0.2], metrics={"accuracy": 0.9})
            ),
        ),
        end=end(best_epoch=3),
    ),
    "xor of four points, a plateau of 60 one-step epochs": evidence(
        config=config(
            data={"source": {"kind": "synthetic", "pattern": "xor"}},
            optimizer={"kind": "sgd", "lr": 0.1},
            training={"epochs": 1000},
        ),
        data=two_classes((2, 2), (2, 2)),
        start=start(initial_loss=0.71, expected_loss=0.693),
        epochs=curve([0.70 - 1e-5 * epoch for epoch in range(60)] + [0.5, 0.2, 0.05], [0.1] * 63, steps=1),
    ),
    "converged in the first epoch": evidence(epochs=curve([0.3] + [0.02, 0.0199] * 10, [0.04] * 21)),
    "converged to exactly one value": evidence(epochs=curve([0.9, *[0.3] * 20], [0.35] * 21)),
    "a rate that fell to nothing at the end": evidence(epochs=curve([1.5, 0.8, 0.5, *[0.45] * 8], [0.5] * 11)),
    "heavy dropout keeps the training loss above": evidence(epochs=curve([1.9] * 3 + [1.88] * 8, [0.9] * 11)),
    "a slow beginning that goes on": evidence(
        epochs=curve([2.3 * 0.985**epoch for epoch in range(30)], [2.3 * 0.985**epoch for epoch in range(30)])
    ),
    "a warm-up without movement": evidence(
        config=config(schedule={"kind": "cosine", "warmup": 450}),
        epochs=curve([*[2.303] * 10, 1.5, 0.9, 0.6], [*[2.303] * 10, 1.2, 0.8, 0.6]),
    ),
    "validation loss that wobbles": evidence(
        epochs=curve([1.0, 0.7, 0.5, 0.4, 0.3, 0.25], [0.9, 0.7, 0.78, 0.66, 0.74, 0.65])
    ),
    "validation loss far above the training loss": evidence(
        epochs=curve([0.5, 0.1, 0.01, 0.001, 1e-4, 1e-5], [0.6, 0.42, 0.41, 0.41, 0.42, 0.43])
    ),
    "losses near 0 that jump": evidence(
        epochs=curve([0.5, 1e-4, 1e-6, 1e-5, 2e-5, 1e-5], [0.4, 1e-3, 1e-3, 2e-3, 3e-3, 3e-3])
    ),
    "one spike": evidence(epochs=curve([1.0, 0.4, 1.9, 0.35, 0.3, 0.28], [0.8, 0.4, 1.5, 0.4, 0.36, 0.35])),
    "accuracy of 1": evidence(epochs=curve([0.5, 0.1, 0.02], [0.3, 0.08, 0.02], metrics={"accuracy": 1.0})),
    "stopped after one epoch": evidence(epochs=curve([2.2], [2.1]), end=end(status="interrupted", best_epoch=1)),
    "diabetes, half of it noise": regression(
        epochs=curve([0.8, 0.55, 0.5, 0.5, 0.498, 0.497, 0.497], [0.6, *[0.52] * 6], metrics={"mae": 44.0}),
        end=end(best_epoch=4),
    ),
    "targets from 0 to 1 behind a sigmoid": regression(
        config=config(
            data={"source": {"kind": "sklearn", "dataset": "diabetes"}, "targets": ["min-max"]},
            model={"kind": "mlp", "output_activation": "sigmoid"},
        ),
        data=regression_data(
            targets=ArrayRecord(mean=0.4, std=0.24, min=0.0, max=1.0), baseline={"val_loss": 0.058}, metric_modes={}
        ),
        start=start(initial_loss=0.07, expected_loss=None),
        epochs=curve([0.05, 0.035, 0.03, 0.029], [0.04, 0.033, 0.031, 0.031]),
    ),
    "an own loss that is negative": regression(
        config=config(model=OWN, loss={"kind": "python", "target": "net:elbo"}),
        data=regression_data(baseline={}),
        start=start(initial_loss=3.0, expected_loss=None),
        epochs=curve([1.0, -1.0, -2.5, -3.0, -3.1, -3.15], [0.5, -1.2, -2.4, -2.8, -2.9, -2.9]),
    ),
    "run again with another seed": evidence(history=past(seed=1)),
}


def warnings_of(known):
    """Return what is found at every moment, the epoch moment after each epoch, notes apart."""
    stages = [(moment, known) for moment in MOMENTS if moment != "epoch"]
    for length in range(1, len(known.epochs) + 1):
        so_far = Evidence(config=known.config, data=known.data, start=known.start, epochs=known.epochs[:length])
        stages.append(("epoch", so_far))
    found = [finding for moment, stage in stages for finding in judge_moment(stage, moment)]
    return [f"{finding.name}: {finding.message}" for finding in found if finding.severity != "note"]


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_gets_no_warning(name):
    assert warnings_of(HEALTHY[name]) == []


def test_the_same_eyes_see_what_is_broken():
    assert len(HEALTHY) > 30
    assert warnings_of(evidence(epochs=curve([math.nan])))
    for rule in RULES:
        if rule.severity != "note":
            assert any(line.startswith(rule.name) for line in warnings_of(rule.bad()))
