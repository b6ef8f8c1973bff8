"""Keeps the checkpoints of a training; where one can't be written the training goes on, and the end record says so."""

from __future__ import annotations

from collections.abc import Callable

from logbook.store.checkpoint_files import checkpoint_hashes
from logbook.training.checkpoints import LAST, mark_best, save_checkpoint
from logbook.training.plain_state import UnkeepableError
from logbook.training.state import Training

__all__ = ["Keeper"]


class Keeper:
    """Writes the last and the best checkpoint; `skipped` says which epochs have none, and why."""

    def __init__(self, training: Training, tell: Callable[[str], None]) -> None:
        self._training = training
        self._tell = tell
        self._missed: list[int] = []
        self._reason = ""

    def keep(self, *, is_best: bool) -> None:
        """Write the checkpoint of the epoch that has just ended; without it the older one stays."""
        folder = self._training.job.checkpoints
        try:
            save_checkpoint(folder / LAST, self._training.checkpoint())
            if is_best:
                mark_best(folder)
        except OSError as error:
            self._miss(f"{error.strerror or error} ({folder})", is_news=True)
        except UnkeepableError as error:  # nor will the next epoch's be
            self._miss(str(error), is_news=not self._missed)

    @property
    def skipped(self) -> dict[str, str]:
        """What the end record says of checkpoints that are missing."""
        if not self._missed:
            return {}
        first, last, count = self._missed[0], self._missed[-1], len(self._missed)
        which = f"epoch {first}" if count == 1 else f"{count} epochs from {first} to {last}"
        return {"checkpoint": f"none of {which}: {self._reason}"}

    def hashes(self) -> dict[str, str]:
        """Return what the end record says of the checkpoints that there are: reading them takes less than writing."""
        return checkpoint_hashes(self._training.job.checkpoints)

    def _miss(self, reason: str, *, is_news: bool) -> None:
        epoch = self._training.progress.epoch
        self._missed.append(epoch)
        self._reason = reason
        if is_news:
            self._tell(
                f"NO CHECKPOINT of epoch {epoch}: {reason}; training goes on, and would resume from an earlier epoch"
            )
