"""Truncated back-propagation through time: streams that are the text, gradients that stop, memory that doesn't."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.data.loaded import Split
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.models.rnn import RecurrentNetwork
from logbook.training.procedures.truncated_bptt import stream_chunks
from logbook.training.trainer import prepare, train
from tests.training.trainings import Sink, job_of, run

PLAIN_STEPS = {"optimizer": {"kind": "sgd", "lr": 0.5}, "diagnostics": {"every": 0}}


def bptt(length: int, **training: Any) -> dict[str, Any]:
    return {"training": {"procedure": {"kind": "truncated-bptt", "length": length}, "epochs": 1, **training}}


def text(folder: Path, *, length: int = 8, characters: int = 101) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    (folder / "book.txt").write_text(("the cat sat on a mat. " * characters)[:characters])
    source = {"kind": "text", "path": "book.txt", "length": length}
    model = {"kind": "rnn", "hidden": [6, 5], "embedding": 4}
    return {"data": {"source": source, "split": {"validation": 0.0}}, "model": model, **PLAIN_STEPS}


def weights(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def trained(folder: Path, changes: dict[str, Any]) -> tuple[Tensor, Sink]:
    training, sink = prepare(job_of(folder, changes)), Sink()
    assert train(training, sink).status == "finished"
    return weights(training.parts.model), sink


@given(st.integers(1, 12), st.integers(1, 9), st.integers(1, 7), st.integers(1, 40))
def test_the_chunks_of_all_streams_are_the_text(rows: int, width: int, streams: int, length: int) -> None:
    tokens = torch.arange(1, rows * width + 1).view(rows, width)
    split = Split(inputs=tokens, targets=tokens + 1, rows=torch.arange(rows).numpy())
    chunks = list(stream_chunks(split, streams, length))
    assert all(inputs.shape == targets.shape and inputs.shape[1] <= length for inputs, targets in chunks)
    inputs, targets = (torch.cat(parts, dim=1).flatten() for parts in zip(*chunks, strict=True))
    assert inputs[: rows * width].tolist() == tokens.flatten().tolist()
    assert targets[targets != NOT_COUNTED].tolist() == (tokens + 1).flatten().tolist()
    assert inputs[rows * width :].eq(0).all()


def test_going_back_to_the_beginning_is_the_whole_gradient(tmp_path: Path) -> None:
    changes = text(tmp_path / "a", length=100)
    whole, _ = trained(tmp_path / "a", {**changes, "training": {"epochs": 2, "batch_size": 1}})
    same, _ = trained(tmp_path / "a", {**changes, **bptt(100, epochs=2, batch_size=1)})
    shorter, _ = trained(tmp_path / "a", {**changes, **bptt(50, epochs=2, batch_size=1)})
    assert torch.allclose(whole, same, atol=1e-6)
    assert not torch.allclose(whole, shorter, atol=1e-3)


def test_a_gradient_of_single_targets_reaches_the_last_steps(tmp_path: Path) -> None:
    changes = {
        "data": {"source": {"kind": "synthetic", "pattern": {"kind": "parity", "bits": 6}, "rows": 64}},
        "model": {"kind": "rnn", "cell": "gru", "hidden": [5]},
        **PLAIN_STEPS,
    }
    whole, _ = trained(tmp_path / "a", {**changes, "training": {"epochs": 1}})
    same, _ = trained(tmp_path / "a", {**changes, **bptt(6)})
    shorter, sink = trained(tmp_path / "a", {**changes, **bptt(2)})
    assert torch.equal(whole, same)
    assert not torch.allclose(whole, shorter, atol=1e-4)
    assert sink.epochs[0].steps == 4


def test_streams_train_as_a_loop_written_by_hand_does(tmp_path: Path) -> None:
    changes = {**text(tmp_path / "a"), **bptt(7, epochs=2, batch_size=3)}
    job = job_of(tmp_path / "a", changes)
    training = prepare(job)
    model = copy.deepcopy(training.parts.model)
    assert isinstance(model, RecurrentNetwork)
    sink = Sink()
    train(training, sink)

    flat = [job.loaded.train.inputs.flatten(), job.loaded.train.targets.flatten()]  # type: ignore[union-attr]
    assert len(flat[0]) == 104
    inputs = functional.pad(flat[0], (0, 1)).view(3, 35)
    targets = functional.pad(flat[1], (0, 1), value=-100).view(3, 35)
    losses: list[float] = []
    for _ in range(2):
        memory = None
        for start in range(0, 35, 7):
            outputs, memory = model.carry(inputs[:, start : start + 7], memory)
            memory = tuple(tuple(state.detach() for state in layer) for layer in memory)
            wanted = targets[:, start : start + 7]
            loss = functional.cross_entropy(outputs.flatten(0, 1), wanted.flatten(), ignore_index=-100)
            model.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.item() * int((wanted != -100).sum()))
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= 0.5 * parameter.grad  # type: ignore[operator]
    assert torch.allclose(weights(training.parts.model), weights(model), atol=1e-5)
    assert sink.epochs[1].train_loss == pytest.approx(sum(losses[5:]) / 100, rel=1e-5)
    assert sink.epochs[1].steps == 10


def test_chunks_without_a_counted_target_are_only_listened_to(tmp_path: Path) -> None:
    copy_task = {"kind": "copy", "symbols": 4, "length": 2, "delay": 4}  # 8 tokens, of which the last 2 count
    changes = {
        "data": {"source": {"kind": "synthetic", "pattern": copy_task, "rows": 16}, "split": {"validation": 0.0}},
        "model": {"kind": "rnn", "hidden": [24], "embedding": 8},
        "optimizer": {"kind": "adam", "lr": 0.01},
    }
    _, sink = trained(tmp_path / "a", {**changes, **bptt(3, epochs=3, batch_size=4)})
    assert sink.epochs[-1].steps == 3 * 4  # the last chunk of each of 4 batches
    _, whole = trained(tmp_path / "b", {**changes, **bptt(8, epochs=3, batch_size=4)})
    assert whole.epochs[-1].steps == 3 * 4


@pytest.mark.parametrize("model", [{"dropout": 0.3}, {"cell": "gru"}])
def test_a_resumed_training_ends_at_the_same_weights(tmp_path: Path, model: dict[str, Any]) -> None:
    changes = text(tmp_path / "whole") | bptt(5, epochs=4, batch_size=4)
    changes = {**changes, "model": {**changes["model"], **model}, "optimizer": {"kind": "adam", "lr": 0.01}}
    text(tmp_path / "parts")
    whole, uninterrupted = run(tmp_path / "whole", changes)

    class StopsInTheThird(Sink):
        def step(self, epoch: int, step: int, steps: int) -> bool:
            return epoch == 3 and step == 2

    first, stopped = run(tmp_path / "parts", changes, sink=StopsInTheThird())
    assert stopped.status == "interrupted"
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert resumed.weights_hash == uninterrupted.weights_hash


def test_probes_change_nothing(tmp_path: Path) -> None:
    changes = {**text(tmp_path / "a"), **bptt(5, epochs=2, batch_size=4)}
    _, without = run(tmp_path / "a", changes)
    watched, with_probes = run(tmp_path / "a", {**changes, "diagnostics": {"every": 1}})
    assert without.weights_hash == with_probes.weights_hash
    layers = {layer.name: layer for layer in watched.epochs[-1].layers}
    assert layers["recurrent.0"].update_ratio is not None
    assert layers["recurrent.0"].activation_std is not None


def test_a_loss_that_explodes_is_traced(tmp_path: Path) -> None:
    changes = {**text(tmp_path / "a"), **bptt(5, epochs=3), "optimizer": {"kind": "sgd", "lr": 1e20}}
    changes["model"] = {"kind": "rnn", "cell": "plain", "activation": "relu", "hidden": [6]}
    _, end = run(tmp_path / "a", changes)
    assert end.status == "diverged"
    assert end.nonfinite_layer is not None
