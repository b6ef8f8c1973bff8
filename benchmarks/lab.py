"""A lab's logbook, two years long, made through the writer: `python -m benchmarks.lab FOLDER 10000`.

No training, but what trainings and people leave: names with chains of versions, each a setting or two away from the
one before; replicates with other seeds; every status, findings by the rules themselves, suggestions, outcomes with
reasons, tags and notes; layers, predictions and loops of people's own. The losses follow from the settings, so that
there is something to find: a good learning rate is near 3e-3, dropout helps a little, some rates diverge.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbook.history.dead_ends import suggested_outcome
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.identity import config_model, freeze
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding, Moment
from logbook_schemas.records.layers import LayerRecord
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, PredictionRow, SplitRecord, StartRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, FingerprintRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry, StartOfRun, Status

if TYPE_CHECKING:
    from logbook.store.writer import Writer

__all__ = ["EPOCHS", "fill_lab"]

EPOCHS = 20
DAYS = 730
SEEDS = (1, 1, 1, 2, 3, 5)
"""How many seeds a recipe is run with, drawn from these."""

_DATASETS = ("digits", "wine", "breast_cancer", "iris")
_KINDS = ("mlp", "deep", "wide", "narrow")
NAMES = (*(f"{data.replace('_', '-')}-{kind}" for data in _DATASETS for kind in _KINDS), "own-net", "own-sampler")
TAGS = ("baseline", "paper", "sweep", "friday", "debug", "talk", "new-data", "thesis/chapter-3")
NOTES = (
    "the loss fell at once after the warmup",
    "looks like overfitting after epoch 12; try more dropout",
    "same as last week, the machine was busy",
    "accuracy is fine, but two classes are mixed up",
    "Größere Schichten helfen hier nicht",
    "kept for the talk",
)
REASONS: dict[str, tuple[str, ...]] = {
    "dead-end": ("the loss exploded in the first epochs", "no better than the baseline", "far too slow to learn"),
    "promising": ("best of its kind so far", "still falling at the end"),
    "baseline": ("what everything else is measured against",),
    "done": ("good enough, reported",),
    "inconclusive": ("the seeds differ more than the recipes", "stopped too early to tell"),
}


def fill_lab(folder: Path, runs: int, *, progress: Callable[[int], None] = lambda done: None) -> None:
    """Record `runs` runs of 20 epochs over two years, all drawn from one seed."""
    from logbook.store import open_writer

    draw = random.Random(0)
    clock = _Clock(datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / max(runs, 1))
    lines = {name: _Line(name) for name in NAMES}
    done = 0
    with _told_by(clock), open_writer(folder) as writer:
        while done < runs:
            line = lines[draw.choice(NAMES)]
            config, parent = line.next_config(draw)
            for seed in range(min(draw.choice(SEEDS), runs - done)):
                clock.go_on()
                version = _Recording(writer, _with_seed(config, seed), draw, clock).make(parent)
                parent = (line.name, version)
                done += 1
                progress(done)
            line.known.append((config, version))


class _Clock:
    """The time of day in the lab: the writer asks it instead of the machine's, so that runs are of two years."""

    def __init__(self, start: datetime, between: timedelta) -> None:
        self.now, self._between = start, between

    def go_on(self) -> None:
        self.now += self._between

    def text(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def _told_by(clock: _Clock) -> Iterator[None]:
    from logbook.store import beginning, chain, writer

    modules: list[Any] = [beginning, chain, writer]
    usual = [module.utc_now for module in modules]
    for module in modules:
        module.utc_now = clock.text
    try:
        yield
    finally:
        for module, function in zip(modules, usual, strict=True):
            module.utc_now = function


@dataclass
class _Line:
    """One line of work: each config changes a setting or two of the newest, or of one that did well."""

    name: str
    known: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    """Its configs, and the version that each became."""

    def next_config(self, draw: random.Random) -> tuple[dict[str, Any], tuple[str, int] | None]:
        """Return a config, and the version that it is derived from."""
        parent = None
        if not self.known:
            config = _first_own(self.name) if self.name.startswith("own-") else _first(self.name)
        else:
            base, version = self.known[-1] if draw.random() < 0.8 else draw.choice(self.known)
            parent = (self.name, version)
            config = json.loads(json.dumps(base))
            for change in draw.sample(
                _OWN_CHANGES if config.get("kind") == "own" else _CHANGES, draw.choice((1, 1, 2))
            ):
                change(config, draw)
        config["hypothesis"] = draw.choice(("", f"idea {len(self.known) + 1} of {self.name}: a better loss"))
        config["tags"] = draw.sample(TAGS, draw.choice((0, 0, 0, 1, 2)))
        return config, parent


def _first(name: str) -> dict[str, Any]:
    data, kind = name.rsplit("-", 1)
    hidden = {"mlp": [64], "deep": [64] * 5, "wide": [512], "narrow": [8, 8]}[kind]
    return {
        "name": name,
        "data": {"source": {"kind": "sklearn", "dataset": data.replace("-", "_")}},
        "model": {"kind": "mlp", "hidden": hidden, "dropout": 0.0},
        "optimizer": {"kind": "adam", "lr": 0.001},
        "training": {"epochs": EPOCHS, "batch_size": 32, "seed": 0},
    }


def _first_own(name: str) -> dict[str, Any]:
    values = {"lr": 0.001, "dropout": 0.1, "net": {"width": 128, "blocks": 4}, "sampler": "uniform"}
    return {"kind": "own", "name": name, "values": values, "meaning": {"lr": "lr"}}


def _rate(draw: random.Random) -> float:
    return float(f"{10 ** draw.uniform(-5, 0.3):.3g}")


_CHANGES: tuple[Callable[[dict[str, Any], random.Random], None], ...] = (
    lambda config, draw: config["optimizer"].update(lr=_rate(draw)),
    lambda config, draw: config["optimizer"].update(lr=_rate(draw)),
    lambda config, draw: config.update(
        optimizer={"kind": draw.choice(("adam", "sgd", "momentum", "rmsprop")), "lr": config["optimizer"]["lr"]}
    ),
    lambda config, draw: config["model"].update(dropout=round(draw.uniform(0, 0.7), 2)),
    lambda config, draw: config["model"].update(activation=draw.choice(("relu", "tanh", "gelu", "sigmoid"))),
    lambda config, draw: config["model"].update(
        hidden=[2 ** draw.randrange(3, 10) for _ in range(draw.randrange(1, 6))]
    ),
    lambda config, draw: config["model"].update(init=draw.choice(("he", "xavier", "orthogonal"))),
    lambda config, draw: config["training"].update(batch_size=2 ** draw.randrange(3, 9)),
    lambda config, draw: config.update(schedule={"kind": "cosine", "final": round(draw.uniform(0.001, 0.5), 3)}),
    lambda config, draw: config.update(regularization={"l2": float(f"{10 ** draw.uniform(-7, -2):.3g}")}),
)
_OWN_CHANGES: tuple[Callable[[dict[str, Any], random.Random], None], ...] = (
    lambda config, draw: config["values"].update(lr=_rate(draw)),
    lambda config, draw: config["values"].update(dropout=round(draw.uniform(0, 0.7), 2)),
    lambda config, draw: config["values"]["net"].update(width=2 ** draw.randrange(4, 11)),
    lambda config, draw: config["values"].update(sampler=draw.choice(("uniform", "balanced", "hard"))),
)


def _with_seed(config: dict[str, Any], seed: int) -> dict[str, Any]:
    if config.get("kind") == "own":
        return config
    return {**config, "training": {**config["training"], "seed": seed}}


_START = StartRecord(parameters=10_000, trainable=10_000, optimized=10_000, initial_loss=1.1, probe_rows=64)


class _Recording:
    """One run, from its config to what people say of it."""

    def __init__(self, writer: Writer, raw: dict[str, Any], draw: random.Random, clock: _Clock) -> None:
        self._writer, self._raw, self._draw, self._clock = writer, raw, draw, clock
        self._config = config_model(raw).model_validate_json(json.dumps(raw))
        self._own = raw.get("kind") == "own"
        settings = raw["values"] if self._own else {**raw["optimizer"], **raw["model"]}
        self._lr, self._dropout = float(settings["lr"]), float(settings.get("dropout", 0))
        self._status = self._ending()
        self._data = _data_record(raw)
        self._epochs: list[EpochRecord] = []
        self._has_layers = draw.random() < 0.1 and not self._own

    def make(self, parent: tuple[str, int] | None) -> int:
        """Record it; return the version that its recipe is, a new one derived from `parent`."""
        source = json.dumps(self._raw, indent=2).encode()
        blob = sha256(source).hexdigest()
        findings = self._judge("config")
        summary = self._writer.begin_run(
            self._config,
            freeze(self._config),
            self._start_of_run(blob),
            AttemptRecord(number=1, started_at=self._clock.text(), host="lab-3", pid=1, boot_id="an earlier one"),
            blobs={blob: source},
            data=self._data,
            findings=findings,
            metric_modes={"accuracy": "max"},
            parent=parent,
        )
        number = self._number = summary.number
        if not self._own:
            self._writer.append_record(number, "start", _START)
        self._train(1, self._length())
        attempt = 1
        if self._status == "interrupted" and self._draw.random() < 0.5:
            self._writer.end_attempt(number, 1, status="interrupted", reason="SIGINT")
            attempt = self._resume()
        end = None if self._status == "running" else self._end_record()
        later = [*self._judge("epoch"), *(self._judge("end", end) if end else ())]
        self._writer.append_findings(number, attempt, later)
        if end is not None:
            self._finish(attempt, end, [*findings, *later])
        self._talk()
        return summary.version

    def _resume(self) -> int:
        self._status = "finished"
        went_on = AttemptRecord(
            number=2, started_at=self._clock.text(), host="lab-3", pid=2, resumed_from=len(self._epochs) - 1
        )
        attempt = self._writer.begin_attempt(self._number, went_on)
        self._epochs.pop()
        self._train(attempt, EPOCHS)
        return attempt

    def _finish(self, attempt: int, end: EndRecord, findings: Sequence[Finding]) -> None:
        error = None
        if self._status == "failed":
            text = self._draw.choice(
                ("CUDA out of memory", "shapes (32, 64) and (10,) don't match", "KeyError: 'label'")
            )
            error = ErrorRecord(message=text, traceback=f'File "net.py", line 3, in forward\nRuntimeError: {text}')
        self._writer.end_attempt(
            self._number,
            attempt,
            status=self._status,
            reason=end.reason,
            error=error,
            end=end,
            suggestion=suggested_outcome(
                self._status, reason=end.reason, data=self._data, epochs=self._epochs, findings=findings
            ),
        )

    def _ending(self) -> Status:
        """`running` is how a run is stored whose process was killed; a reader calls it crashed."""
        if self._lr > 0.5:
            return "diverged"
        statuses: tuple[Status, ...] = ("finished", "early-stopped", "interrupted", "running", "failed")
        return self._draw.choices(statuses, (80, 10, 4, 2, 4))[0]

    def _length(self) -> int:
        match self._status:
            case "finished":
                return EPOCHS
            case "diverged" | "failed":
                return self._draw.randrange(1, 5)
            case _:
                return self._draw.randrange(5, EPOCHS)

    def _train(self, attempt: int, last: int) -> None:
        floor = 0.05 + 0.08 * abs(math.log10(self._lr / 3e-3)) ** 2 + 0.3 * (self._dropout - 0.3) ** 2
        floor *= self._draw.uniform(0.85, 1.2)
        for epoch in range(len(self._epochs) + 1, last + 1):
            loss = floor + 2 / epoch**1.5
            is_lost = self._status == "diverged" and epoch == last
            record = EpochRecord(
                epoch=epoch,
                steps=45 * epoch,
                train_loss=math.nan if is_lost else loss,
                train_loss_eval=None if self._own or is_lost else loss * 0.98,
                val_loss=math.nan if is_lost else loss * self._draw.uniform(1.0, 1.2),
                metrics={"accuracy": round(1 / (1 + loss), 4), "f1": round(0.95 / (1 + loss), 4)},
                lr=self._lr,
                seconds=self._draw.uniform(0.5, 2),
                gradient_norm=None if self._own else 0.5 / epoch,
                layers=self._layers(epoch) if self._has_layers else (),
            )
            self._epochs.append(record)
            self._writer.append_epoch(self._number, attempt, record)

    def _layers(self, epoch: int) -> tuple[LayerRecord, ...]:
        widths = self._raw["model"]["hidden"]
        return tuple(
            LayerRecord(
                name=f"hidden{place}",
                kind="Linear",
                order=place,
                parameters=width * 64,
                fan_in=64,
                weight_norm=5 + 0.1 * epoch,
                weight_std=0.1,
                gradient_norm=0.3 / epoch / (place + 1),
                update_ratio=0.002 / epoch,
                activation_std=0.9,
                dead_share=0.01 * place,
            )
            for place, width in enumerate(widths)
        )

    def _judge(self, moment: Moment, end: EndRecord | None = None) -> tuple[Finding, ...]:
        config = self._config if isinstance(self._config, RunConfig) else None
        return judge_moment(Evidence(config=config, data=self._data, epochs=tuple(self._epochs), end=end), moment)

    def _end_record(self) -> EndRecord:
        known = [(one.val_loss, one.epoch) for one in self._epochs if one.val_loss is not None and one.val_loss > 0]
        best = min(known, default=(None, None))
        is_lost = self._status == "diverged"
        rows = range(20) if self._has_layers else ()
        return EndRecord(
            status=self._status,
            reason=f"loss was nan at step {45 * len(self._epochs)}" if is_lost else "",
            best_epoch=best[1],
            best_value=best[0],
            seconds=sum(one.seconds for one in self._epochs),
            nonfinite_epoch=len(self._epochs) if is_lost else None,
            nonfinite_value="NaN" if is_lost else None,
            predictions=tuple(PredictionRow(row=row, target=row % 3, prediction=row % 4 % 3) for row in rows),
        )

    def _start_of_run(self, blob: str) -> StartOfRun:
        commit = self._clock.text()[:8]  # a commit a month
        sha = sha256(commit.encode()).hexdigest()
        return StartOfRun(
            config_folder="/home/lab/work",
            config_file=f"{self._raw['name']}.json",
            source_blob=blob,
            seed=None if self._own else self._raw["training"]["seed"],
            monitor={"metric": "val_loss", "mode": "min"},
            git=GitRecord(state="ok", sha=sha[:40], branch="main", dirty=False),
            environment=EnvironmentRecord(python="3.11.7", torch="2.13.0", platform="Linux", host="lab-3", cpu_count=8),
            code=CodeRecord(identity=sha),
        )

    def _talk(self) -> None:
        draw, say = self._draw, self._say
        if draw.random() < 0.15:
            say("note", draw.choice(NOTES))
        if draw.random() < 0.1:
            say("tag", draw.choice(TAGS))
        likely = ("dead-end", "dead-end", "promising", "baseline", "done", "inconclusive")
        if draw.random() < 0.15:
            verdict = "dead-end" if self._status == "diverged" else draw.choice(likely)
            say("outcome", verdict, draw.choice(REASONS[verdict]))

    def _say(self, kind: Any, text: str, reason: str = "") -> None:
        self._writer.add_journal(self._number, JournalEntry(kind=kind, text=text, reason=reason, author="ada"))


def _data_record(raw: dict[str, Any]) -> DataRecord:
    name = raw["name"].rsplit("-", 1)[0]
    return DataRecord(
        source=f"sklearn {name}",
        task="classification",
        input_shape=(64,),
        output_size=3,
        classes=("a", "b", "c"),
        splits={"train": SplitRecord(rows=1438), "validation": SplitRecord(rows=359)},
        fingerprint=FingerprintRecord(method="content", value=sha256(name.encode()).hexdigest()),
        baseline={"val_loss": 1.1, "accuracy": 0.34},
        baseline_name="class shares",
        metric_modes={"accuracy": "max", "f1": "max"},
    )


if __name__ == "__main__":
    fill_lab(Path(sys.argv[1]), int(sys.argv[2]))
