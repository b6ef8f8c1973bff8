"""What is measured when a training ends, against a second version of it, and that measuring leaves no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from logbook.training.data.batches import Batch
from logbook.training.evaluation import evaluate
from logbook.training.measuring import fixed_rows
from logbook.training.probes.extremes import extreme_rows
from logbook.training.probes.modes import losses_by_mode
from logbook.training.probes.single_outputs import output_records
from logbook.training.probes.verbatim import copied_text, longest_shared
from logbook.training.state import Training
from tests.training.trainings import job_of, run

NUMBERS: dict[str, Any] = {
    "task": "regression",
    "data": {"source": {"kind": "sklearn", "dataset": "diabetes"}, "targets": ["standardize"]},
}


def naive_longest(tokens: list[int], text: list[int]) -> int:
    known = {tuple(text[i:j]) for i in range(len(text)) for j in range(i, len(text) + 1)}
    stretches = [tokens[i:j] for i in range(len(tokens)) for j in range(i, len(tokens) + 1)]
    return max(len(stretch) for stretch in stretches if tuple(stretch) in known)


@given(
    st.lists(st.sampled_from([0, 1, 256, 65536]), min_size=1, max_size=10),
    st.lists(st.sampled_from([0, 1, 256, 65536]), min_size=1, max_size=15),
)
def test_the_longest_shared_stretch_is_the_longest(tokens: list[int], text: list[int]) -> None:
    found = longest_shared(np.array(tokens), np.array(text))
    assert len(found) == naive_longest(tokens, text)


def test_a_model_that_knows_the_text_copies_it(tmp_path: Path) -> None:
    words = " ".join(f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "book.txt").write_text(words)
    text = {"kind": "text", "path": "book.txt", "length": 20}
    changes = {
        "task": "language-model",
        "data": {"source": text},
        "model": {"kind": "rnn", "hidden": [16], "embedding": 8},
        "training": {"epochs": 1},
    }
    training = Training.fresh(job_of(tmp_path / "a", changes))
    kept = _state(training)
    untrained = copied_text(training.parts, training.job.loaded)
    assert untrained is not None
    assert untrained.longest < 10
    assert _same(kept, _state(training))
    knowing = _Knowing(training)
    training.parts.model.forward = knowing  # type: ignore[method-assign]
    copied = copied_text(training.parts, training.job.loaded)
    assert copied is not None
    assert copied.longest > 100
    assert copied.text in words


class _Knowing:
    """Says, whatever it is given, the next token of the training text, from its beginning on."""

    def __init__(self, training: Training) -> None:
        assert training.job.loaded.train.inputs is not None
        self.text = training.job.loaded.train.inputs.flatten()
        self.vocabulary = training.job.loaded.vocabulary
        self.said = 0

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs = torch.zeros(*inputs.shape, self.vocabulary)
        outputs[:, -1, self.text[self.said]] = 1e6
        self.said += 1
        return outputs


@pytest.mark.parametrize("rows", [7, 64])
def test_both_modes_are_those_of_the_same_batches(tmp_path: Path, rows: int) -> None:
    changes = {"model": {"kind": "mlp", "hidden": [8], "dropout": 0.5}, "training": {"batch_size": rows}}
    training = Training.fresh(job_of(tmp_path, changes))
    batch = fixed_rows(training.job)
    kept = _state(training)
    found = losses_by_mode(training.parts, batch)
    assert found is not None
    assert _same(kept, _state(training))
    assert found == losses_by_mode(training.parts, batch)
    assert found[0] != found[1]
    assert found[1] == pytest.approx(_mean_loss(training, batch, min(rows, len(batch[1]))), rel=1e-6)


def test_a_plain_network_loses_the_same_in_both_modes(tmp_path: Path) -> None:
    training = Training.fresh(job_of(tmp_path, {}))
    found = losses_by_mode(training.parts, fixed_rows(training.job))
    assert found is not None
    assert found[0] == found[1]


@torch.no_grad()
def _mean_loss(training: Training, batch: Batch, size: int) -> float:
    model = training.parts.model.eval()
    whole = len(batch[1]) // size * size
    parts = zip(batch[0][:whole].split(size), batch[1][:whole].split(size), strict=True)
    return float(np.mean([float(training.parts.loss(model(inputs), targets)) for inputs, targets in parts]))


def test_outputs_are_measured_in_original_units(tmp_path: Path) -> None:
    training = Training.fresh(job_of(tmp_path, NUMBERS))
    loaded = training.job.loaded
    assert loaded.validation is not None
    evaluated = evaluate(training.parts, loaded.validation, should_stop=lambda: False)
    (record,) = output_records(training.parts, loaded, evaluated)
    said = loaded.targets.unscale(evaluated.outputs).numpy().ravel()
    true = loaded.targets.unscale(evaluated.targets).numpy().ravel()
    assert record.prediction_std == pytest.approx(said.std(), rel=1e-4)
    assert record.target_mean == pytest.approx(true.mean(), rel=1e-4)
    assert record.correlation == pytest.approx(np.corrcoef(said, true)[0, 1], rel=1e-3)
    assert record.loss_share == 1.0


def test_rows_stand_out_by_their_loss_and_their_inputs(tmp_path: Path) -> None:
    training = Training.fresh(job_of(tmp_path, NUMBERS))
    split = training.job.loaded.train
    assert split.inputs is not None
    split.inputs[5, 0] = 1e5
    found = extreme_rows(training.parts, split)
    assert found is not None
    assert found.rows[0].row == split.rows[5]
    assert found.rows[0].largest_input == pytest.approx(1e5)
    assert found.ratio is not None
    assert found.ratio > 1e3


@pytest.mark.parametrize("changes", [{}, NUMBERS, {"model": {"kind": "mlp", "hidden": [8], "normalization": "batch"}}])
def test_an_end_holds_what_was_measured(tmp_path: Path, changes: dict[str, Any]) -> None:
    sink, end = run(tmp_path, changes)
    assert end.skipped == {}
    assert end.loss_train_mode is not None
    assert end.loss_eval_mode is not None
    assert bool(end.outputs) == ("task" in changes)
    last = sink.epochs[-1]
    assert last.train_metrics.keys() == last.metrics.keys()
    assert last.largest_step_loss is not None
    assert last.first_step_loss is not None
    assert last.largest_step_loss >= last.first_step_loss


def _state(training: Training) -> dict[str, torch.Tensor]:
    model = training.parts.model
    flags = {f"flag {name}": torch.tensor(module.training) for name, module in model.named_modules()}
    values = {name: value.clone() for name, value in model.state_dict().items()}
    return {**values, **flags, "rng": torch.get_rng_state()}


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
