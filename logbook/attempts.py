"""One attempt of a run, from its first step to its end row: there is one, however the attempt ends."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logbook.errors import StoreError, StoreFullError, UserCodeError
from logbook.gates import RunOutcome
from logbook.provenance.secrets import mask_text
from logbook.recording import Progress, Recorder, StrictStop
from logbook.signals import StopRequest
from logbook.stopping import STOPPED_BY_STRICT
from logbook.store import open_reader
from logbook_schemas.checklist.ranking import rank
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord, Status
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord

if TYPE_CHECKING:
    from logbook.store.writer import Writer
    from logbook.training.state import Training

__all__ = ["Attempt", "attempt_record"]

_CTRL_C = 130


def attempt_record(number: int, *, device: str, resumed_from: int = 0) -> AttemptRecord:
    """Return the record of an attempt that begins now, in this process."""
    return AttemptRecord(
        number=number,
        started_at=datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        host=platform.node(),
        pid=os.getpid(),
        device=device,
        resumed_from=resumed_from,
    )


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt that has begun: its first row is in the record."""

    writer: Writer
    recorder: Recorder
    run: int
    number: int
    progress: Progress
    stop: StopRequest

    def see_through(self, work: Callable[[], EndRecord]) -> RunOutcome:
        """Do the work of the attempt, write its end, and return what came of it.

        What the person's code raised is the outcome; whatever else is raised goes on up once the end is written.
        """
        try:
            end = work()
            self.recorder.end(end)
            status = self._exit_status(end)
        except StrictStop as reason:
            self._end("failed", reason=f"{STOPPED_BY_STRICT}{reason}", stopper=reason.finding)
            status = 1
        except (UserCodeError, KeyboardInterrupt) as error:
            status = self._break_off(error)
        except StoreFullError as error:
            self._try_to_end("interrupted", reason="there was no room left for the record")
            raise StoreFullError(f"{error}: {self._way_on()}") from error
        except BaseException as error:
            self._try_to_end("failed", reason=f"{type(error).__name__}: {error}", error=_told(error))
            raise
        return self._outcome(status)

    def train(self, training: Training, *, resume: bool = False) -> EndRecord:
        """Train; the work of most attempts."""
        from logbook.training.trainer import train

        return train(training, self.recorder, resume=resume)

    def _break_off(self, error: UserCodeError | KeyboardInterrupt) -> int:
        """Write the end of an attempt that the person's code broke off, and return the exit status.

        After a signal that is what the signal brought about: it ends the workers of that code as well.
        """
        if self.stop.signal is not None:
            self._end("interrupted", reason=self.stop.name, error=_told(error))
            return self.stop.exit_status
        if isinstance(error, KeyboardInterrupt):  # its own: a signal of ours is noted
            self._end("interrupted", reason="KeyboardInterrupt", error=_told(error))
            return _CTRL_C
        self.progress.message(f"error: {error}")
        self._end("failed", reason=str(error), error=_told(error))
        return 1

    def _end(
        self, status: Status, *, reason: str, error: ErrorRecord | None = None, stopper: Finding | None = None
    ) -> None:
        """Write what waits, then the end; what waits and finds no room is told as lost, and the end is tried still."""
        lost = self.recorder.waiting_epochs
        try:
            self.recorder.flush()
        except StoreFullError as full:
            self.progress.message(
                f"NOT ON DISK: {full}; epochs {lost[0]} to {lost[-1]} are lost" if lost else str(full)
            )
        suggestion = self.recorder.suggestion(status, stopper=stopper)
        reason = mask_text(reason)[0]
        self.writer.end_attempt(self.run, self.number, status=status, reason=reason, error=error, suggestion=suggestion)

    def _try_to_end(self, status: Status, *, reason: str, error: ErrorRecord | None = None) -> None:
        """Write the end where the store lets us; an exception is on its way up, and stays the one that is told."""
        try:
            self._end(status, reason=reason, error=error)
        except StoreError as failure:
            self.progress.message(f"NOT ON DISK: the end of r{self.run}: {failure}")

    def _way_on(self) -> str:
        """Say what `resume` will do about epochs that are not on disk."""
        command, waiting = f"logbook resume r{self.run}", self.recorder.waiting_epochs
        if not waiting:
            return command
        return (
            f"{command}. Epochs {waiting[0]} to {waiting[-1]} are not on disk; it trains them again from the last"
            " checkpoint, to the same result"
        )

    def _exit_status(self, end: EndRecord) -> int:
        if end.status == "interrupted":
            return self.stop.exit_status
        return 1 if end.status == "diverged" else 0

    def _outcome(self, exit_status: int) -> RunOutcome:
        with open_reader(self.writer.folder) as reader:
            stored = reader.run(self.run)
        record = stored.model_copy(update={"findings": rank(stored.findings)})
        self.progress.end(record)
        return RunOutcome(runs=(record,), findings=record.findings, exit_status=exit_status)


def _told(error: BaseException) -> ErrorRecord:
    """Return an exception as it is stored: whole, but for what looks like a secret, such as a password in a URL."""
    if isinstance(error, UserCodeError):
        message, trace = str(error), error.traceback_text
    else:
        message = "".join(traceback.format_exception_only(error)).strip()
        trace = "".join(traceback.format_exception(error))
    return ErrorRecord(message=mask_text(message)[0], traceback=mask_text(trace)[0])
