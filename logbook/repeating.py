"""The process that makes a run again: the code of then, imported from its copy, trained and recorded as any run.

It is a process of its own, started by `rerunning`: modules that are loaded already can't stand in for those of then.
What it has to tell goes through a pipe, a JSON object a line; where nobody reads it any more, the run is stopped.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from logbook.errors import LogbookError
from logbook.signals import listening

if TYPE_CHECKING:
    from logbook.gates import Plan
    from logbook.recording import Progress
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.measures import EpochRecord
    from logbook_schemas.records.precedents import Precedent
    from logbook_schemas.records.runs import PastRun, RunRecord, RunSummary

__all__ = ["main", "replay"]


def main(asked: Mapping[str, Any]) -> None:
    """Make a run again and tell of it through a pipe; the last line is `done` or `error`."""
    with (
        os.fdopen(asked["tell"], "w", encoding="utf-8", buffering=1) as stream,
        os.fdopen(asked["hear"], encoding="utf-8") as answers,
        listening() as stop,
    ):
        # From its first moment on the process held back what would have ended it with a traceback.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        progress = _Sender(stream, answers)
        try:
            with stop.ending_block():
                from logbook.running import record_and_train

                plan = _plan(asked, progress)
            outcome = record_and_train(plan, progress, stop)
            _tell_of_today({**_paths(asked["places"]), **_paths(asked["current"])}, progress)
        except LogbookError as error:
            problems = list(getattr(error, "problems", ()))
            progress.send(
                "error", kind=type(error).__name__, message=str(error), status=error.exit_status, problems=problems
            )
        else:
            progress.send("done", exit_status=outcome.exit_status)


def _plan(asked: Mapping[str, Any], progress: _Sender) -> Plan:
    """Return the run to be made: as it was asked for then, and nothing that stops it now."""
    from logbook.building import build_all
    from logbook.configs import load_recorded
    from logbook.gates import Plan, RunRequest, judge_data, run_config
    from logbook.provenance import capture_code, capture_environment
    from logbook.store import open_reader
    from logbook.training.own_code.elsewhere import take_from
    from logbook.trusting import name_new_sources
    from logbook_schemas.checklist.catalogue import judge_moment
    from logbook_schemas.checklist.ranking import rank
    from logbook_schemas.checklist.rule import Evidence

    number, folder = int(asked["number"]), Path(asked["folder"])
    places, current = (_paths(asked[name]) for name in ("places", "current"))
    sources = [Path(source) for source in asked["sources"]]
    take_from(places, partial=current, sources=sources, began=float(asked["began"]))
    loaded = load_recorded(f"r{number}", (), str(folder))
    with open_reader(folder) as reader:
        past = reader.start_of_run(number)
    config = run_config(loaded)
    name_new_sources(config, Path(asked["home"]), folder, progress, careful=asked["careful"])
    home = _home_of_data(config, loaded.folder, asked, progress)
    built = build_all(config, home, folder)
    if built.frozen is not None:
        raise built.frozen
    environment, environment_blobs = capture_environment()
    code, code_blobs = capture_code([Path(asked["home"]), *places.values()], current=next(iter(current.values()), None))
    _tell_of_today({**places, **current}, progress)
    start = past.model_copy(
        update={
            "environment": environment.model_copy(
                update={"command_line": tuple(asked["command_line"]), "cwd": past.environment.cwd}
            ),
            "code": code,
            "initial_weights": built.initial.record if built.initial is not None else None,
            "rerun_of": f"r{number}",
        }
    )
    return Plan(
        loaded=loaded,
        config=config,
        request=RunRequest(config=loaded.label, logbook=str(folder)),
        start=start,
        folder=folder,
        findings=rank([*judge_moment(Evidence(config=config), "config"), *judge_data(config, built.data)]),
        training=built.training,
        data=built.data and built.data.model_copy(update={"folder": str(loaded.folder)}),
        metric_modes=built.metric_modes,
        blobs={**built.blobs, **environment_blobs, **code_blobs},
        failure=built.failure,
    )


def _paths(places: Mapping[str, str]) -> dict[Path, Path]:
    return {Path(original): Path(copy) for original, copy in places.items()}


def _home_of_data(config: RunConfig, recorded: Path, asked: Mapping[str, Any], progress: _Sender) -> Path:
    """Return the folder that the config's paths are relative to: the recorded one, if its files are there.

    Else it is that folder where the repository is today, else the copy, which has what the commit holds.
    """
    folders = [*map(Path, asked["homes"]), Path(asked["home"])]
    texts = {*_texts(config.data.model_dump(mode="json")), *_texts(config.model.model_dump(mode="json"))}
    paths = [text for text in texts if any(_is_there(one, text) for one in folders)]
    home = next((one for one in folders if all(_is_there(one, path) for path in paths)), recorded)
    if paths and home != recorded:
        missing = ", ".join(sorted(path for path in paths if not _is_there(recorded, path)))
        place = "the copy of the code" if home == folders[-1] else home
        progress.send("data", folder=f"not in {recorded} any more: {missing}; read from {place}")
    return home


def _texts(value: object) -> Iterator[str]:
    """Yield whatever may be a path in a section of a config."""
    if isinstance(value, str):
        yield from filter(None, [value])
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _texts(child)


def _is_there(folder: Path, path: str) -> bool:
    try:
        return (folder / path).exists()
    except (OSError, ValueError):  # it is no path at all
        return False


def _tell_of_today(places: Mapping[Path, Path], progress: _Sender) -> None:
    """Name what was loaded from the original folders all the same: compiled modules, which no commit holds."""
    from logbook.provenance import capture_code

    today, _ = capture_code(list(places))
    copies = [str(copy) for copy in places.values()]
    names = [
        name
        for name in today.files
        if not any(str(original / name).startswith(copy) for original in places for copy in copies)
    ]
    if names:
        progress.send("today", files=names)


class _Sender:
    """Progress that is told to another process, which answers what it is asked."""

    def __init__(self, stream: TextIO, answers: TextIO) -> None:
        self._stream = stream
        self._answers = answers
        self._is_gone = False

    def send(self, event: str, **values: Any) -> None:
        if self._is_gone:
            return
        try:
            self._stream.write(f"{json.dumps({'event': event, **values})}\n")
        except OSError:
            # Whoever asked for the run is gone, and with it what would clean up after it.
            self._is_gone = True
            os.kill(os.getpid(), signal.SIGTERM)

    def message(self, text: str) -> None:
        self.send("message", text=text)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        self.send("findings", findings=[finding.model_dump(mode="json") for finding in findings])

    def tried(self, past: Precedent, same: PastRun | None) -> None: ...

    def confirm(self, question: str, /) -> bool:
        self.send("confirm", question=question)
        return self._answers.readline() == "yes\n"

    def begin(self, summary: RunSummary, epochs: int) -> None:
        self.send("begin", summary=summary.model_dump(mode="json"), epochs=epochs)

    def step(self, epoch: int, step: int, steps: int) -> None:
        self.send("step", epoch=epoch, step=step, steps=steps)

    def epoch(self, record: EpochRecord, is_best: bool) -> None:
        self.send("epoch", record=record.model_dump(mode="json", exclude={"layers"}), is_best=is_best)

    def end(self, run: RunRecord) -> None:
        """The reader looks up for itself how it ended."""


def replay(event: Mapping[str, Any], progress: Progress) -> None:
    """Tell a person's progress of an event that the other process has told of."""
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.measures import EpochRecord
    from logbook_schemas.records.runs import RunSummary
    from logbook_schemas.records.stored import rebuild

    match event["event"]:
        case "message":
            progress.message(event["text"])
        case "findings":
            progress.findings(tuple(rebuild(Finding, one) for one in event["findings"]))
        case "begin":
            progress.begin(rebuild(RunSummary, event["summary"]), event["epochs"])
        case "step":
            progress.step(event["epoch"], event["step"], event["steps"])
        case "epoch":
            progress.epoch(rebuild(EpochRecord, event["record"]), event["is_best"])
