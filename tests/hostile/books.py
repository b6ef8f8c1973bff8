"""A logbook whose every text was written by a stranger, and a terminal to look at it with."""

from __future__ import annotations

import os
import pty
import sys
import threading
from pathlib import Path

import pytest

from logbook.store import open_writer
from logbook_cli.app import main
from logbook_schemas.config.identity import AnyConfig, freeze
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord, EpochRecord
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry
from tests.history.records import code, data_record, digits, run

__all__ = ["add_hostile_runs", "on_terminal"]


def add_hostile_runs(folder: Path, evil: str) -> None:
    """Record r1 to r3, with `evil` wherever a record holds a text; the name of r2 is one that no config may have."""
    hostile = RunConfig.model_validate(digits(hypothesis=f"h{evil}", name="wild"))
    renamed = hostile.model_copy(
        update={"name": f"n{evil}", "optimizer": hostile.optimizer.model_copy(update={"lr": 2})}
    )
    own = OwnConfig.model_validate(
        {"kind": "own", "name": "own", "values": {"lr": 0.1, evil: {"x": evil}, "l": [evil]}}
    )
    for config in (hostile, renamed, own):
        _add(folder, config, evil)


def _add(folder: Path, config: AnyConfig, evil: str) -> None:
    record, blobs = code(net=f"# {evil}\nx = 1\n")
    template = run(1, source=record).start_of_run
    assert template is not None
    start = template.model_copy(
        update={
            "config_file": f"f{evil}.json",
            "config_folder": f"/nowhere/{evil}",
            "overrides": (f"name={evil}",),
            "code": record.model_copy(
                update={"files": {**record.files, f"{evil}.py": "0" * 64}, "packages": {evil: evil}}
            ),
            "git": template.git.model_copy(
                update={
                    "state": "ok",
                    "branch": evil,
                    "root": evil,
                    "reason": evil,
                    "remote": evil,
                    "left_out": (evil,),
                }
            ),
            "environment": template.environment.model_copy(
                update={
                    "host": evil,
                    "user": evil,
                    "cpu": evil,
                    "command_line": (evil,),
                    "platform": evil,
                    "gpus": (evil,),
                }
            ),
        }
    )
    data = data_record().model_copy(update={"classes": (evil, f"b{evil}"), "notes": (evil,), "folder": evil})
    finding = Finding(
        code="T101", name="nonfinite-loss", severity="error", moment="epoch", epoch=1,
        where=evil, message=evil, measured=evil, expected=evil, why=evil, remedy=evil, source=evil,
    )  # fmt: skip
    with open_writer(folder) as writer:
        number = writer.begin_run(
            config, freeze(config), start, AttemptRecord(number=1, started_at="", device=evil),
            blobs=blobs, data=data, findings=(finding,), metric_modes={f"m{evil}": "max"},
        ).number  # fmt: skip
        for epoch in (1, 2):
            measured = EpochRecord(epoch=epoch, train_loss=0.5 / epoch, val_loss=0.6 / epoch, lr=0.1, seconds=1.0)
            writer.append_epoch(number, 1, measured.model_copy(update={"metrics": {f"m{evil}": 0.5}}))
        for kind, text in (("note", evil), ("tag", f"t{evil}"), ("outcome", "dead-end")):
            writer.add_journal(number, JournalEntry(kind=kind, text=text, reason=evil, author=evil))
        writer.end_attempt(
            number, 1, status="failed", reason=evil, error=ErrorRecord(message=evil, traceback=f"Traceback\n{evil}"),
            end=EndRecord(status="failed", best_epoch=2, skipped={evil: evil}),
        )  # fmt: skip


def on_terminal(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run a command whose stdout and stderr are a terminal; return its exit status and all that was sent there."""
    ours, theirs = pty.openpty()
    said: list[bytes] = []
    reader = threading.Thread(target=_read, args=(ours, said))
    reader.start()
    with open(theirs, "w", encoding="utf-8", closefd=True) as stream, pytest.MonkeyPatch.context() as patch:  # noqa: PTH123
        patch.chdir(cwd)
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", stream)
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "150")
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    reader.join()
    os.close(ours)
    # The terminal puts a carriage return before each line feed.
    return int(ended.value.code or 0), b"".join(said).replace(b"\r\n", b"\n").decode("utf-8")


def _read(descriptor: int, said: list[bytes]) -> None:
    while True:
        try:
            said.append(os.read(descriptor, 65536))
        except OSError:  # the other end is closed
            return
