"""Between training and store: appends what is measured, judges it, and says so, as it comes.

A full disk doesn't stop a training at once: what is to be appended waits in memory, up to 100 epochs of it, said
loudly, and is written when there is room again. Only then, or at the end, is it an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from logbook.backlog import Backlog
from logbook.history.dead_ends import suggested_outcome
from logbook.provenance.blobs import Blobs, add_blob
from logbook.stopping import told
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.heard import Heard
from logbook_schemas.checklist.ranking import grave
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding, Moment
from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord
from logbook_schemas.records.precedents import Precedent
from logbook_schemas.records.runs import JournalEntry, PastRun, RunRecord, RunSummary, Status

if TYPE_CHECKING:
    from logbook.signals import StopRequest
    from logbook.store.writer import Writer

__all__ = ["MAX_WAITING", "Progress", "Recorder", "StrictStop"]

MAX_WAITING = 100
"""Epoch records that wait for room on a full disk before the training is stopped."""

PATIENCE_SECONDS = 60
"""How long the end of a training waits for room, before the epochs in memory are given up."""

_STEP_SECONDS = 0.1
"""Shortest time between two progress messages within an epoch."""


class Progress(Protocol):
    """What a run tells the person who watches it."""

    def message(self, text: str) -> None:
        """Say one line."""

    def findings(self, findings: tuple[Finding, ...]) -> None:
        """Show findings that have just come up, most probable cause first."""

    def tried(self, past: Precedent, same: PastRun | None) -> None:
        """Show the nearest that was tried, with the newest run of it where it is the very same recipe."""

    def confirm(self, question: str, /) -> bool:
        """Ask a person whether to go on; False where nobody can be asked."""

    def begin(self, summary: RunSummary, epochs: int) -> None:
        """A run has been recorded and is about to train."""

    def step(self, epoch: int, step: int, steps: int) -> None:
        """A step was made."""

    def epoch(self, record: EpochRecord, is_best: bool) -> None:
        """An epoch is on disk."""

    def end(self, run: RunRecord) -> None:
        """The run has ended."""


class StrictStop(Exception):  # noqa: N818  it stops a training, and is no failure of the program
    """A finding that `--strict` doesn't let pass."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(told(finding))
        self.finding = finding


class Recorder:
    """The sink of a training: every record appended and durable before the training goes on."""

    def __init__(
        self,
        writer: Writer,
        *,
        number: int,
        attempt: int,
        config: RunConfig,
        data: DataRecord,
        progress: Progress,
        stop: StopRequest,
        strict: bool = False,
        epochs: Sequence[EpochRecord] = (),
        start: StartRecord | None = None,
        findings: Sequence[Finding] = (),
    ) -> None:
        self._writer = writer
        self._number, self._attempt = number, attempt
        self._config, self._data = config, data
        self._progress, self._stop = progress, stop
        self._strict = strict
        self._start_record = start
        self._epochs = list(epochs)
        self.findings = list(findings)
        self._heard, self._told = Heard(findings), Heard(grave(findings))
        self._backlog = Backlog()
        self._contents: Blobs = {}
        self._last_step = 0.0

    @property
    def waiting_epochs(self) -> list[int]:
        """The epochs that are in memory only."""
        return self._backlog.epochs

    def start(self, record: StartRecord) -> None:
        """Append the untrained model's record and what the checklist says of it."""
        self._start_record = record
        self._append(lambda: self._writer.append_record(self._number, "start", record))
        self._judge("start")

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        """Append an epoch; return whether nothing waits for room."""
        self._epochs.append(record)
        self._append(lambda: self._writer.append_epoch(self._number, self._attempt, record, series), epoch=record.epoch)
        self._progress.epoch(record, is_best)
        self._judge("epoch")
        return not self._backlog

    def content(self, body: bytes) -> str:
        """Keep bytes until the end record that names them is appended; return their name."""
        return add_blob(self._contents, body)

    def message(self, text: str) -> None:
        """Tell the person who watches."""
        self._progress.message(text)

    def step(self, epoch: int, step: int, steps: int) -> bool:
        """Pass on progress now and then; return whether a signal asked to stop."""
        now = time.monotonic()
        if now - self._last_step >= _STEP_SECONDS:
            self._last_step = now
            self._progress.step(epoch, step, steps)
        return self._stop.signal is not None

    def should_stop(self) -> bool:
        """Return whether a signal asked to stop."""
        return self._stop.signal is not None

    def breakable(self) -> AbstractContextManager[None]:
        """Let a signal that asks to stop raise KeyboardInterrupt in the block."""
        return self._stop.breakable()

    def end(self, record: EndRecord) -> None:
        """Judge the whole training and append its end; a full disk is an error now."""
        self._judge("end", end=record)
        self._wait_for_room()
        self.flush()
        reason = self._reason(record)
        self._writer.end_attempt(
            self._number,
            self._attempt,
            status=record.status,
            reason=reason,
            end=record,
            suggestion=self.suggestion(record.status, reason=reason),
            blobs=self._contents,
        )

    def suggestion(self, status: Status, *, reason: str = "", stopper: Finding | None = None) -> JournalEntry | None:
        """Return what is to be suggested of a run that ends so, or None."""
        return suggested_outcome(
            status,
            reason=reason,
            data=self._data,
            epochs=self._epochs,
            findings=self.findings,
            stopper=stopper,
        )

    def flush(self) -> None:
        """Write what waits; raises StoreFullError where there is no room."""
        if error := self._backlog.flush():
            raise error

    def _reason(self, record: EndRecord) -> str:
        if record.status == "interrupted" and self._stop.signal is not None:
            return self._stop.name
        if record.status != "diverged":
            return record.reason
        what, value = record.nonfinite_what, record.nonfinite_value
        if record.nonfinite_step is None:
            return f"{what} of epoch {record.nonfinite_epoch} was {value}"
        return f"{what} {'were' if what == 'weights' else 'was'} {value} at step {record.nonfinite_step}"

    def _wait_for_room(self) -> None:
        """Give the person a minute to make room for what waits: after that it would be gone."""
        if self._backlog.flush() is None:
            return
        waiting = f"{len(self.waiting_epochs)} epochs wait" if self.waiting_epochs else "a record waits"
        self._progress.message(f"{waiting} for room on the disk, for {PATIENCE_SECONDS} s more")
        until = time.monotonic() + PATIENCE_SECONDS
        while self._backlog.flush() and time.monotonic() < until and not self.should_stop():
            time.sleep(0.5)

    def _append(self, write: Callable[[], None], *, epoch: int | None = None) -> None:
        """Write, or let it wait where there is no room; raises StoreFullError where too many epochs wait."""
        self._backlog.put(write, epoch=epoch)
        error = self._backlog.flush()
        if error is None:
            return
        waiting = len(self.waiting_epochs)
        if waiting > MAX_WAITING:
            raise error
        counted = f"{waiting} of at most {MAX_WAITING} epochs wait" if waiting else "the record waits"
        self._progress.message(f"NOT ON DISK: {error}; {counted} in memory")

    def _judge(self, moment: Moment, *, end: EndRecord | None = None) -> None:
        evidence = Evidence(
            config=self._config,
            data=self._data,
            start=self._start_record,
            epochs=tuple(self._epochs),
            end=end,
        )
        found = judge_moment(evidence, moment)
        news = [one for one in found if self._heard.is_news(one.code, one.where, one.severity)]
        if not news:
            return
        self.findings.extend(news)
        self._append(lambda: self._writer.append_findings(self._number, self._attempt, news))
        shown = tuple(one for one in grave(self.findings) if self._told.is_news(one.code, one.where, one.severity))
        if shown:
            self._progress.findings(shown)
        stopper = next((found for found in shown if found.severity != "note"), None)
        if self._strict and end is None and stopper is not None:
            raise StrictStop(stopper)
