"""What ends a training other than its last epoch: enough steps, or enough time."""

from __future__ import annotations

import time

from logbook.training.state import Training

__all__ = ["Limits"]


class Limits:
    """Watches the limits of a config; `began` is when the training began, less the time between its attempts."""

    def __init__(self, training: Training, *, began: float) -> None:
        self._progress, self._section = training.progress, training.job.config.training
        self._course = training.course
        self._began = began
        self._is_late = False

    def is_late(self) -> bool:
        """Look at the clock, and return whether the time is up."""
        limit = self._section.time_limit
        self._is_late = limit is not None and time.monotonic() - self._began >= limit
        return self._is_late

    @property
    def is_reached(self) -> bool:
        """Whether there is nothing left to train."""
        return self._progress.epoch >= self._course.epochs or self._is_late or self.is_late()

    @property
    def reason(self) -> str:
        """Which limit was reached; empty where all epochs were trained."""
        steps, seconds = self._section.steps, self._section.time_limit
        if self._is_late:
            return f"training.time_limit of {seconds:g} s is over"
        if steps is not None and self._progress.steps >= steps:
            return f"training.steps is {steps}, and all are done"
        return ""
