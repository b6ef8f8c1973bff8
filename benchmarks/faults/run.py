"""Run programs: each faulty one and each twin, with several seeds, in worker processes with a new logbook for each run.

A run goes through `logbook.running.run`, as `logbook run --force` does, so that an error doesn't end it before its
later symptoms are seen. What it left in its logbook is read back, all findings of all moments ranked.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.faults.program import Config, Program
from logbook_schemas.config.metrics import direction

__all__ = ["Found", "Result", "gain_of", "result_key", "run_all", "run_config"]


@dataclass(frozen=True)
class Found:
    """The part of a finding that is scored."""

    name: str
    severity: str
    moment: str
    where: str
    message: str
    epoch: int | None
    explained: bool


@dataclass(frozen=True)
class Result:
    """What came of one run. `gain` is 1 for a perfect answer and 0 for the best constant one; None without a score."""

    status: str
    gain: float | None
    findings: tuple[Found, ...]
    seconds: float
    problem: str = ""

    @property
    def alarms(self) -> tuple[Found, ...]:
        """The warnings and errors, ranked."""
        return tuple(found for found in self.findings if found.severity != "note")

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return asdict(self)


class _Silence:
    """Tells nobody anything."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def result_key(config: Config, seed: int) -> str:
    """Return by what a run is known: programs that share a twin share its runs."""
    return json.dumps([config, seed], sort_keys=True)


def run_config(config: Config, seed: int) -> Result:
    """Train one config in a logbook of its own, and return what was found."""
    import torch

    from logbook.errors import LogbookError
    from logbook.running import RunRequest, run

    torch.set_num_threads(1)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "config.json"
        training = {**config.get("training", {}), "seed": seed}
        file.write_text(json.dumps({"name": "program", **config, "training": training}), encoding="utf-8")
        try:
            outcome = run(RunRequest(config=file, logbook=str(Path(name) / ".logbook"), force=True), _Silence())  # type: ignore[arg-type]
        except LogbookError as error:
            return Result("refused", None, (), time.perf_counter() - began, str(error))
    if not outcome.runs:
        found = _found(outcome.findings)
        return Result("refused", None, found, time.perf_counter() - began, str(outcome.refused))
    record = outcome.runs[0]
    found = _found(record.findings)
    attempt = record.attempts[-1]
    problem = attempt.error.message if attempt.error else ""
    gain = gain_of(record) if record.summary.status != "failed" else None
    return Result(record.summary.status, gain, found, time.perf_counter() - began, problem)


def _found(findings: Iterable[Any]) -> tuple[Found, ...]:
    from logbook_schemas.checklist.ranking import rank

    return tuple(
        Found(one.name, one.severity, one.moment, one.where, one.message, one.epoch, one.explained_by is not None)
        for one in rank(findings)
    )


def gain_of(record: Any) -> float | None:
    """Return how far the last epoch's score lies from the best constant answer's to a perfect one.

    The score is the config's first metric; where it has none, the loss on validation. A loss that isn't finite is no
    gain at all; None where nothing was validated.
    """
    data, epochs = record.data, record.trained
    if data is None or not data.baseline:
        return None
    if record.summary.status == "diverged" or not epochs:
        return 0.0
    last = {**epochs[-1].metrics, "val_loss": epochs[-1].val_loss}
    name = next((name for name in ("r2", *epochs[-1].metrics, "val_loss") if name in data.baseline), None)
    value = last.get(name) if name else None
    if name is None or value is None or value != value:
        return None if name is None else 0.0
    base = data.baseline[name]
    if direction(name, data.metric_modes) == "max":
        return (value - base) / (1 - base) if base < 1 else 0.0
    return 1 - value / base if base > 0 else 0.0


def run_all(
    programs: Sequence[Program],
    *,
    seeds: int = 3,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> dict[str, Result]:
    """Return the result of each distinct run of the programs and their twins, by `result_key`."""
    jobs = {
        result_key(config, seed): (config, seed)
        for program in programs
        for config in (program.faulty, program.twin)
        for seed in range(seeds)
    }
    # For the workers, which are new processes: one thread each, and no warnings of torch's among the progress.
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    results = dict[str, Result]()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(run_config, config, seed): key for key, (config, seed) in jobs.items()}
        for done, future in enumerate(as_completed(running), start=1):
            results[running[future]] = future.result()
            progress(done, len(jobs))
    return results


def results_of(config: Config, results: dict[str, Result], seeds: Iterable[int]) -> list[Result]:
    """Return the results of one config, seed by seed."""
    return [results[result_key(config, seed)] for seed in seeds]
