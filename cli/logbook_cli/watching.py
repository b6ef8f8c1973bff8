"""What a person sees while a network trains: one line an epoch on stderr, a live line on a terminal.

A training never dies of a closed terminal: when stderr can't be written to any more, it goes on in silence.
"""

from __future__ import annotations

import sys
from typing import TextIO

from logbook_cli.output import is_coloured, remark, width
from logbook_cli.views.findings import findings_summary, news_view
from logbook_cli.views.precedents import precedent_lines
from logbook_cli.views.run import epoch_name, final_facts, headline, suggestion
from logbook_cli.views.text import Ink, clean, clean_block, cut, show_number
from logbook_schemas.checklist.sentence import cause_sentence
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.precedents import Precedent
from logbook_schemas.records.runs import PastRun, RunRecord, RunSummary

__all__ = ["QuietProgress", "TerminalProgress"]

_ERASE = "\r\x1b[K"
_BAR = 20


class TerminalProgress:
    """Progress on a stream of text, stderr unless told otherwise."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_live = self._stream.isatty()
        self._ink = Ink(is_coloured(self._stream))
        self._epochs = 0
        self._has_line = False
        self._is_gone = False

    def message(self, text: str) -> None:
        self._say(clean_block(text))

    def findings(self, findings: tuple[Finding, ...]) -> None:
        self._say(news_view(findings, ink=self._ink))

    def tried(self, past: Precedent, same: PastRun | None) -> None:
        head, *rest = precedent_lines(past, same)
        self._say("\n".join([self._ink.paint(head, "bold"), *rest]))

    def confirm(self, question: str, /) -> bool:
        if not (self._is_live and sys.stdin is not None and sys.stdin.isatty()):
            return False
        self._say(clean_block(question))
        self._write("run it all the same? [y/N] ")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def begin(self, summary: RunSummary, epochs: int) -> None:
        self._epochs = epochs
        name = f"{clean(summary.name)}@{summary.version}"
        length = f"{epochs} epoch{'' if epochs == 1 else 's'}"
        self._say(f"{self._ink.paint(summary.id, 'bold')} {clean(summary.words)}  {name}  {length}")

    def step(self, epoch: int, step: int, steps: int) -> None:
        if not self._is_live:
            return
        done = round(_BAR * step / max(steps, 1))
        name = f"epoch {self._place(epoch)}" if epoch else "pre-training"
        line = f"{name}  [{'#' * done}{'.' * (_BAR - done)}] step {step}/{steps}"
        self._write(f"{_ERASE}{cut(line, (width(self._stream) or 80) - 1)}")
        self._has_line = True

    def epoch(self, record: EpochRecord, is_best: bool) -> None:
        name = f"epoch {self._place(record.epoch)}" if record.phase == "train" else epoch_name(record)
        parts = [name, f"train {_padded(record.train_loss)}"]
        if record.val_loss is not None:
            parts.append(f"val {_padded(record.val_loss)}")
        parts += [f"{clean(name)} {_padded(value)}" for name, value in record.metrics.items()]
        parts.append(f"{record.seconds:.2f} s" if record.seconds < 1 else f"{record.seconds:.1f} s")
        if is_best:
            parts.append(self._ink.paint("*best", "green"))
        self._say("  ".join(parts).rstrip())

    def end(self, run: RunRecord) -> None:
        cause = self._ink.paint(clean(cause_sentence(run.findings)), "bold")
        found = [f"findings    {findings_summary(run.findings)}"] if run.findings else []
        lines = [cause, headline(run.summary, ink=self._ink), *final_facts(run), *found, suggestion(run.summary)]
        self._say("\n".join(line for line in lines if line))

    def _place(self, epoch: int) -> str:
        return f"{epoch:>{len(str(self._epochs))}}/{self._epochs}"

    def _say(self, text: str) -> None:
        self._write(f"{_ERASE if self._has_line else ''}{text}\n")
        self._has_line = False

    def _write(self, text: str) -> None:
        if self._is_gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except UnicodeEncodeError:
            self._write(text.encode("ascii", errors="backslashreplace").decode("ascii"))
        except (OSError, ValueError):
            # The terminal is gone (EPIPE, EIO, closed file); the training is not.
            self._is_gone = True


class QuietProgress:
    """Says only what a person must know, such as a record that waits for room on a full disk."""

    def message(self, text: str) -> None:
        remark(clean_block(text))

    def findings(self, findings: tuple[Finding, ...]) -> None: ...

    def tried(self, past: Precedent, same: PastRun | None) -> None: ...

    def confirm(self, _: str, /) -> bool:
        return False

    def begin(self, summary: RunSummary, epochs: int) -> None: ...

    def step(self, epoch: int, step: int, steps: int) -> None: ...

    def epoch(self, record: EpochRecord, is_best: bool) -> None: ...

    def end(self, run: RunRecord) -> None: ...


def _padded(value: float | None) -> str:
    """Return a number in a column of its own: the epochs' lines stand below each other."""
    return f"{show_number(value):<8}"
