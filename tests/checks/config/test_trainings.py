"""Each warning of the config and data moments on a real training that it is right about, and on its healthy twin.

The faulty training must end worse than its twin by a stated margin: a rule that warns of what does no harm is wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from logbook.running import RunRequest, run
from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.records.runs import RunRecord
from tests.checks.programs import SEEDS

DIGITS = {"source": {"kind": "sklearn", "dataset": "digits"}}
BLOBS = {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", "classes": 6, "spread": 0.5}, "rows": 600}}
SPIRALS = {"source": {"kind": "synthetic", "pattern": "spirals", "rows": 600}}
FEW = {"source": {"kind": "synthetic", "pattern": "spirals", "rows": 200}}
RECONSTRUCTION = {"task": "reconstruction", "data": DIGITS, "training": {"epochs": 2}}
LBFGS = {"kind": "python", "target": "torch.optim:LBFGS"}


class Quiet:
    """Watches a training and says nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: None


@dataclass(frozen=True)
class Case:
    """A rule, what both configs share, what the faulty one says, what its twin says, and how much worse it ends."""

    rule: str
    shared: dict[str, Any]
    fault: dict[str, Any]
    twin: dict[str, Any]
    worse: float | None = 0.05
    """How far the faulty run's best accuracy lies below the twin's; None where the harm isn't in the accuracy."""


def mlp(*hidden: int, **options: Any) -> dict[str, Any]:
    return {"model": {"kind": "mlp", "hidden": list(hidden), **options}}


def adam(**options: Any) -> dict[str, Any]:
    return {"optimizer": {"kind": "adam", **options}}


CASES = (
    Case(
        "saturating-activations-in-depth", {"data": DIGITS}, mlp(*[32] * 5, activation="sigmoid"), mlp(*[32] * 5), 0.3
    ),
    Case("narrow-hidden-layer", {"data": DIGITS}, mlp(64, 2), mlp(64, 32), 0.2),
    Case(
        "deep-plain-network",
        {"data": DIGITS, "optimizer": "momentum"},
        mlp(*[16] * 25),
        mlp(*[16] * 2),
        0.2,
    ),
    Case("missing-bias", {"data": BLOBS, **adam(lr=0.01)}, mlp(32, bias=False), mlp(32)),
    Case(
        "missing-activation",
        {"data": SPIRALS, **adam(lr=0.01), "training": {"epochs": 10}},
        mlp(32, 32, activation="none"),
        mlp(32, 32),
        0.1,
    ),
    Case("excessive-weight-decay", {"data": DIGITS, **mlp(32)}, adam(weight_decay=1.0), adam(weight_decay=1e-4), 0.1),
    Case(
        "excessive-weight-decay",
        {"data": DIGITS, **mlp(32)},
        {"regularization": {"l1": 0.1}},
        {"regularization": {"l1": 1e-5}},
        0.5,
    ),
    Case("ineffective-regularization", {"data": DIGITS}, mlp(dropout=0.2), mlp(32, dropout=0.2), None),
    Case(
        "small-batch-normalization",
        {"data": DIGITS, **mlp(32, 32, normalization="batch")},
        {"training": {"batch_size": 2, "epochs": 1}},
        {"training": {"batch_size": 16, "epochs": 3}},
    ),
    Case(
        "few-updates",
        {"data": DIGITS, **mlp(32)},
        {"training": {"batch_size": "all", "epochs": 4}},
        {"training": {"batch_size": 32, "epochs": 4}},
        0.3,
    ),
    Case(
        "early-decay",
        {"data": DIGITS, **mlp(32), **adam()},
        {"schedule": {"kind": "geometric", "gamma": 0.9}},
        {"schedule": {"kind": "geometric", "gamma": 0.999}},
        0.2,
    ),
    Case(
        "growing-learning-rate",
        {"data": DIGITS, **mlp(32), "optimizer": "momentum"},
        {"schedule": {"kind": "geometric", "gamma": 1.1}},
        {"schedule": {"kind": "geometric", "gamma": 0.999}},
        None,
    ),
    Case(
        "minibatch-lbfgs",
        {"data": FEW, **mlp(8), "optimizer": LBFGS},
        {"training": {"batch_size": 32, "epochs": 3}},
        {"training": {"batch_size": "all", "epochs": 3}},
        None,
    ),
    Case(
        "overcomplete-autoencoder",
        RECONSTRUCTION,
        {"model": {"kind": "autoencoder", "bottleneck": 128}},
        {"model": {"kind": "autoencoder", "bottleneck": 16}},
        None,
    ),
)


def trained(folder: Path, sections: dict[str, Any], *, seed: int = 0) -> RunRecord:
    """Return the run of a config that is trained for real, whatever the findings say of it."""
    training = {"epochs": 4, "device": "cpu", "seed": seed, **sections.get("training", {})}
    config = folder / "config.json"
    config.write_text(json.dumps({"name": "case", **sections, "training": training}), encoding="utf-8")
    outcome = run(RunRequest(config=config, logbook=str(folder / "logbook"), force=True), Quiet())  # type: ignore[arg-type]
    return outcome.runs[0]


def accuracy(done: RunRecord) -> float:
    return max((epoch.metrics.get("accuracy") or 0.0 for epoch in done.epochs), default=0.0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_fault_is_found_where_it_does_harm_and_its_twin_is_silent(case: Case, seed: int, tmp_path: Path) -> None:
    for folder in ("fault", "twin"):
        (tmp_path / folder).mkdir()
    faulty = trained(tmp_path / "fault", {**case.shared, **case.fault}, seed=seed)
    healthy = trained(tmp_path / "twin", {**case.shared, **case.twin}, seed=seed)
    rule = find_rule(case.rule)
    assert rule is not None
    moments = ("config", "data", rule.moment)
    found = [one.name for one in faulty.findings if one.severity != "note" and one.moment in moments]
    assert found == [case.rule]
    assert [one.name for one in healthy.findings if one.severity != "note" and one.moment in ("config", "data")] == []
    if case.worse is not None:
        assert accuracy(faulty) < accuracy(healthy) - case.worse


def test_the_run_before_is_compared_with_setting_by_setting(tmp_path: Path) -> None:
    first = {"data": BLOBS, **mlp(8), "optimizer": {"kind": "sgd", "lr": 0.01}, "training": {"epochs": 1}}
    trained(tmp_path, first)
    one_change = trained(tmp_path, {**first, "optimizer": {"kind": "adam", "lr": 0.01}})
    two_changes = trained(tmp_path, {**first, **mlp(8, 8)})
    assert "several-changes" not in {one.name for one in one_change.findings}
    [found] = [one for one in two_changes.findings if one.name == "several-changes"]
    assert found.measured == 2
    assert "model.hidden, optimizer" in found.message


def test_a_deeper_network_after_one_that_diverged_is_noted(tmp_path: Path) -> None:
    explodes = {"data": DIGITS, "optimizer": {"kind": "sgd", "lr": 1e6}}
    first = trained(tmp_path, {**explodes, **mlp(8)})
    assert first.summary.status == "diverged"
    deeper = trained(tmp_path, {**explodes, **mlp(8, 8)})
    assert "deeper-after-failure" in {one.name for one in deeper.findings}
