"""How long a training is: the batch size and the optimizer steps of each epoch, and of them all.

The batch size may change from epoch to epoch, and a limit on steps may end the last epoch early. Learning-rate
schedules are laid over the whole, so all of it is known before the first step. Epochs and steps count from 0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.training import BatchSchedule, StepBatchSize

__all__ = ["Course", "Stretch", "count_batches"]


def count_batches(examples: int, batch_size: int) -> int:
    """Return how many batches a training epoch has; the last one may be smaller, but is never a single row.

    Batch normalization can't take one row, and the gradient of one alone is mostly noise: it joins the batch before.
    """
    leaves_one = examples % batch_size == 1 and 1 < batch_size < examples
    return -(-examples // batch_size) - leaves_one


@dataclass(frozen=True)
class Stretch:
    """Epochs of one batch size: `batches` of `batch_size` rows and `steps` an epoch, from `epoch` and `step` on."""

    epoch: int
    step: int
    batch_size: int
    batches: int
    steps: int


class Course:
    """The epochs of a training, whose `stretches` follow each other without a gap.

    `epochs` is their number, the last one perhaps cut short, and `steps` that of all optimizer steps.
    """

    def __init__(self, stretches: list[Stretch], *, epochs: int, limit: int | None = None) -> None:
        self._stretches = stretches
        last = stretches[-1]
        whole = last.step + (epochs - last.epoch) * last.steps
        self.steps = whole if limit is None else min(whole, limit)
        self.epochs = epochs if self.steps == whole else self.epoch_of(self.steps - 1) + 1

    @classmethod
    def of(cls, config: RunConfig, rows: int, *, batches: int | None = None) -> Course:
        """Return the course of a config over a training split of so many rows.

        `batches` is how many an epoch has, where that doesn't follow from the rows.
        """
        training, stretches = config.training, list[Stretch]()
        for epoch, size in _batch_sizes(training.batch_schedule, training.batch_size, rows, training.epochs):
            found = batches or count_batches(rows, size)
            steps = -(-found // config.gradients.accumulation) * training.updates_per_batch
            done = 0
            if stretches:
                before = stretches[-1]
                done = before.step + (epoch - before.epoch) * before.steps
            stretches.append(Stretch(epoch, done, size, found, steps))
        return cls(stretches, epochs=training.epochs, limit=training.steps)

    @classmethod
    def even(cls, *, steps_per_epoch: int, epochs: int) -> Course:
        """Return a course of equal epochs of one row a batch."""
        return cls([Stretch(0, 0, 1, steps_per_epoch, steps_per_epoch)], epochs=epochs)

    def batch_size(self, epoch: int) -> int:
        """Return the rows of a batch of an epoch."""
        return self._at(epoch).batch_size

    @property
    def smallest_batch(self) -> int:
        """The rows of a batch in the epochs where they are fewest."""
        return min(stretch.batch_size for stretch in self._stretches)

    def steps_of(self, epoch: int) -> int:
        """Return the optimizer steps of an epoch."""
        stretch = self._at(epoch)
        return min(stretch.steps, self.steps - (stretch.step + (epoch - stretch.epoch) * stretch.steps))

    def epoch_of(self, step: int) -> int:
        """Return the epoch that a step belongs to."""
        stretch = self._stretches[bisect_right(self._stretches, step, key=lambda one: one.step) - 1]
        return stretch.epoch + (step - stretch.step) // stretch.steps

    def _at(self, epoch: int) -> Stretch:
        return self._stretches[bisect_right(self._stretches, epoch, key=lambda one: one.epoch) - 1]


def _batch_sizes(schedule: BatchSchedule, first: int | str, rows: int, epochs: int) -> Iterator[tuple[int, int]]:
    """Yield each batch size, never more than the rows, with the epoch that it begins at."""
    rows = max(rows, 1)
    size = rows if isinstance(first, str) else first
    yield 0, min(size, rows)
    if not isinstance(schedule, StepBatchSize):
        return
    exact, most, before = float(size), min(schedule.max, rows), min(size, rows)
    for epoch in range(schedule.every, epochs, schedule.every):
        exact = min(exact * schedule.factor, float(schedule.max))
        now = max(1, min(round(exact), most))
        if now != before:
            yield epoch, now
            before = now
        if now == (most if schedule.factor > 1 else 1):
            return
