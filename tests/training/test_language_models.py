"""Language models through the public door: what they learn, and what is measured of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from logbook.errors import ConfigError
from logbook.training.data import load_data, probe_data
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.evaluation import evaluate
from logbook.training.trainer import prepare
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from tests.training.trainings import Sink, job_of, run

LSTM = {"kind": "rnn", "hidden": [48], "embedding": 16}
TRANSFORMER = {"kind": "transformer", "width": 32, "layers": 2, "heads": 2}
QUIET = {"diagnostics": {"every": 0}}
METRICS = ["accuracy", "perplexity", "bits-per-character"]


def copy_task(**pattern: int) -> dict[str, Any]:
    section = {"kind": "copy", "symbols": 4, "length": 3, "delay": 3, **pattern}
    return {"data": {"source": {"kind": "synthetic", "pattern": section, "rows": 64}, "split": {"validation": 0.25}}}


def book(folder: Path, *, length: int = 16, **fields: Any) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    (folder / "book.txt").write_text("the cat sat on the mat, and the dog sat on the log. " * 40)
    return {"data": {"source": {"kind": "text", "path": "book.txt", "length": length, **fields}}}


def test_a_transformer_solves_the_copy_task(tmp_path: Path) -> None:
    changes = {**copy_task(length=2), "model": TRANSFORMER, "optimizer": {"kind": "adam", "lr": 0.005}}
    changes["data"] = {"source": {**changes["data"]["source"], "rows": 16}, "split": {"validation": 0.25}}
    sink, _ = run(tmp_path / "a", {**changes, **QUIET, "training": {"epochs": 30, "batch_size": 4}})
    assert min(epoch.val_loss or 9 for epoch in sink.epochs) < 0.3
    assert (sink.epochs[-1].train_loss or 9) < 0.05


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_recurrent_network_solves_the_copy_task(tmp_path: Path, cell: str) -> None:
    changes = {**copy_task(symbols=2, length=2, delay=2), "model": {**LSTM, "cell": cell}, **QUIET}
    changes["data"] = {"source": {**changes["data"]["source"], "rows": 4}, "split": {"validation": 0.0}}
    training = {"epochs": 60, "batch_size": 4}
    sink, _ = run(tmp_path / "a", {**changes, "optimizer": {"kind": "adam", "lr": 0.02}, "training": training})
    assert (sink.epochs[-1].train_loss or 9) < 0.05


@pytest.mark.parametrize(
    "model", [LSTM, {"kind": "rnn", "hidden": [24, 24], "cell": "gru", "dropout": 0.1}, TRANSFORMER]
)
@pytest.mark.parametrize("level", ["character", "byte"])
def test_a_character_model_beats_the_frequencies(tmp_path: Path, model: dict[str, Any], level: str) -> None:
    changes = {**book(tmp_path / "a", level=level), "model": model, "metrics": METRICS}
    changes |= {"optimizer": {"kind": "adam", "lr": 0.01}, "training": {"epochs": 4, "batch_size": 8}}
    job = job_of(tmp_path / "a", changes)
    record, _ = probe_data(load_data(job.config, job.folder), job.config)
    sink, end = run(tmp_path / "a", changes)
    last, baseline = sink.epochs[-1], record.baseline
    assert last.val_loss is not None
    assert last.val_loss < 0.7 * baseline["val_loss"]
    assert last.metrics["accuracy"] > baseline["accuracy"] + 0.2
    assert last.metrics["perplexity"] == pytest.approx(math.exp(last.val_loss), rel=1e-5)
    assert last.metrics["bits-per-character"] == pytest.approx(last.val_loss / math.log(2), rel=1e-5)

    start = sink.starts[0]
    assert start.expected_loss == pytest.approx(math.log(job.loaded.output_size))
    assert start.initial_loss == pytest.approx(start.expected_loss, rel=0.2)
    assert (start.no_gradient, start.not_optimized, start.skipped) == ((), (), {})
    evidence = Evidence(config=job.config, data=record, start=start, epochs=tuple(sink.epochs), end=end)
    said = [
        found.name
        for moment in ("config", "data", "start", "epoch", "end")
        for found in judge_moment(evidence, moment)
        if found.severity != "note"
    ]
    assert said == []


def test_the_evaluation_is_a_mean_over_counted_tokens(tmp_path: Path) -> None:
    job = job_of(tmp_path / "a", {**book(tmp_path / "a", length=1000), "model": LSTM, "metrics": METRICS})
    training = prepare(job)
    split = job.loaded.validation
    assert split is not None
    assert split.inputs is not None
    assert split.targets is not None
    assert (split.targets == NOT_COUNTED).sum() > 100  # the last window is mostly filler
    found = evaluate(training.parts, split, should_stop=lambda: False)
    outputs = training.parts.model(split.inputs)
    is_counted = split.targets != NOT_COUNTED
    logs = outputs.log_softmax(-1).gather(-1, split.targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    assert found.loss == pytest.approx(-logs[is_counted].mean().item(), rel=1e-5)
    accuracy = (outputs.argmax(-1) == split.targets)[is_counted].float().mean().item()
    assert training.metrics[0](found.outputs, found.targets) == pytest.approx(accuracy)
    assert found.outputs.shape == (*split.targets.shape, 2)


def test_a_prior_begins_at_the_frequencies(tmp_path: Path) -> None:
    model = {**LSTM, "init": "zeros", "output_bias": "prior"}
    job = job_of(tmp_path / "a", {**book(tmp_path / "a"), "model": model})
    record, _ = probe_data(load_data(job.config, job.folder), job.config)
    split = job.loaded.validation
    assert split is not None
    found = evaluate(prepare(job).parts, split, should_stop=lambda: False)
    assert found.loss == pytest.approx(record.baseline["val_loss"], rel=0.01)


def test_predictions_are_told_as_text(tmp_path: Path) -> None:
    changes = {**book(tmp_path / "a"), "model": LSTM, "training": {"epochs": 1}}
    _, end = run(tmp_path / "a", changes)
    assert len(end.predictions) == 26
    assert "".join(str(row.target) for row in end.predictions) in (tmp_path / "a" / "book.txt").read_text()
    assert all(len(str(row.prediction)) == len(str(row.target)) for row in end.predictions)


def test_predictions_of_named_tokens_are_told_by_name(tmp_path: Path) -> None:
    _, end = run(tmp_path / "a", {**copy_task(), "model": LSTM, "training": {"epochs": 1}})
    target = end.predictions[0].target
    assert isinstance(target, list)
    assert len(target) == 3
    assert set(target) <= {"1", "2", "3", "4"}


@pytest.mark.parametrize("model", [LSTM, TRANSFORMER])
def test_probes_change_nothing(tmp_path: Path, model: dict[str, Any]) -> None:
    changes = {**book(tmp_path / "a"), "model": {**model, "dropout": 0.1}, "training": {"epochs": 2}}
    watched, with_probes = run(tmp_path / "a", changes)
    alone, without = run(tmp_path / "a", {**changes, "diagnostics": {"every": 0}})
    assert with_probes.weights_hash == without.weights_hash
    assert watched.losses == alone.losses
    layers = watched.epochs[-1].layers
    assert {layer.kind for layer in layers} >= ({"LSTM"} if model is LSTM else {"Linear", "LayerNorm", "Embedding"})
    assert all(layer.update_ratio is not None for layer in layers if layer.parameters)


def test_label_smoothing_leaves_perplexity_alone(tmp_path: Path) -> None:
    loss = {"kind": "cross-entropy", "label_smoothing": 0.3}
    changes = {**book(tmp_path / "a"), "model": LSTM, "metrics": METRICS, "optimizer": {"kind": "adam", "lr": 0.01}}
    sink, _ = run(tmp_path / "a", {**changes, "loss": loss, "training": {"epochs": 2}})
    last = sink.epochs[-1]
    assert last.val_loss is not None
    assert math.log(last.metrics["perplexity"]) < last.val_loss - 0.1


@pytest.mark.parametrize("metric", ["balanced-accuracy", "mae"])
def test_metrics_of_other_tasks_are_refused(tmp_path: Path, metric: str) -> None:
    changes = {**book(tmp_path / "a"), "model": LSTM, "metrics": [metric]}
    with pytest.raises(ConfigError, match=f"metric '{metric}' is for .* tasks, but task is 'language-model'"):
        prepare(job_of(tmp_path / "a", changes))


def test_perplexity_is_for_language_models(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="metric 'perplexity' is for language-model tasks, but task is 'class"):
        prepare(job_of(tmp_path / "a", {"metrics": ["perplexity"]}))


@pytest.mark.parametrize(
    ("model", "lr"), [("mlp", 0.01), ({"kind": "rnn", "hidden": [32]}, 0.03), (TRANSFORMER, 0.003)], ids=str
)
def test_parity_is_learnt_as_a_vector_and_as_a_sequence(tmp_path: Path, model: Any, lr: float) -> None:
    source = {"kind": "synthetic", "pattern": {"kind": "parity", "bits": 3}, "rows": 8}
    changes = {"data": {"source": source, "split": {"validation": 0.0}}, "model": model, **QUIET}
    training = {"epochs": 40, "batch_size": 8}
    sink, _ = run(tmp_path / "a", {**changes, "optimizer": {"kind": "adam", "lr": lr}, "training": training})
    assert (sink.epochs[-1].train_loss or 9) < 0.05


def test_rows_of_tokens_are_classified(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "first_token.py").write_text(
        "import numpy as np\n\n"
        "def data():\n"
        "    rows = np.random.default_rng(0).integers(0, 6, (120, 5))\n"
        "    return rows, (rows[:, 0] > 2).astype(int)\n"
    )
    source = {"kind": "python", "target": "first_token:data"}
    changes = {"task": "classification", "data": {"source": source}, "model": {**LSTM, "bidirectional": True}}
    training = {"epochs": 12, "batch_size": 16}
    sink, _ = run(folder, {**changes, "optimizer": {"kind": "adam", "lr": 0.01}, "training": training})
    assert sink.epochs[-1].metrics["accuracy"] > 0.95


def test_a_persons_own_model_and_dataset_are_a_language_model(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "own_language.py").write_text(
        "import torch\n"
        "from torch import nn\n"
        "from torch.utils.data import Dataset\n\n"
        "class Counting(Dataset):\n"
        "    def __len__(self):\n"
        "        return 40\n"
        "    def __getitem__(self, index):\n"
        "        row = (torch.arange(7) + index) % 5\n"
        "        return row[:-1], row[1:]\n\n"
        "def data():\n"
        "    return Counting()\n\n"
        "def net(output_size):\n"
        "    return nn.Sequential(nn.Embedding(output_size, 8), nn.Linear(8, output_size))\n"
    )
    changes = {
        "task": "language-model",
        "data": {"source": {"kind": "python", "target": "own_language:data"}},
        "model": {"kind": "python", "target": "own_language:net"},
        "optimizer": {"kind": "adam", "lr": 0.05},
    }
    sink = Sink()
    run(folder, {**changes, "training": {"epochs": 12, "batch_size": 8}}, sink=sink)
    assert sink.epochs[-1].metrics == {"accuracy": 1.0, "perplexity": pytest.approx(1.0, abs=0.2)}
