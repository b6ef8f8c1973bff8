"""Runs written by hand, for the tests of what is said of runs."""

from __future__ import annotations

from typing import Any

from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EpochRecord, SplitRecord
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, FingerprintRecord, GitRecord
from logbook_schemas.records.runs import AttemptRecord, RunRecord, RunSummary, StartOfRun

WORDS = ("amber-heron", "bold-otter", "calm-finch", "deep-maple")


def digits(**settings: Any) -> dict[str, Any]:
    """Return a resolved config on the digits, sections replaced as given."""
    raw = {"name": "digits-mlp", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}, **settings}
    return RunConfig.model_validate(raw).model_dump(mode="json", by_alias=True)


def epochs(*losses: float | None, accuracy: float | None = None) -> tuple[EpochRecord, ...]:
    """Return epochs with these validation losses; the train loss is half of each."""
    metrics = {} if accuracy is None else {"accuracy": accuracy}
    return tuple(
        EpochRecord(
            epoch=place,
            steps=place * 45,
            train_loss=None if loss is None else loss / 2,
            val_loss=loss,
            metrics=metrics,
            lr=0.001,
            seconds=0.25,
        )
        for place, loss in enumerate(losses, start=1)
    )


def code(**sources: str | bytes) -> tuple[CodeRecord, dict[str, bytes]]:
    """Return the record of these files, and their contents by hash."""
    import hashlib

    contents = {f"{name}.py": text.encode() if isinstance(text, str) else text for name, text in sources.items()}
    files = {path: hashlib.sha256(body).hexdigest() for path, body in contents.items()}
    identity = hashlib.sha256("".join(sorted(files.values())).encode()).hexdigest()
    return CodeRecord(identity=identity, files=files), {files[path]: body for path, body in contents.items()}


def data_record(value: str = "aa", *, method: str = "arrays", train_rows: int = 80) -> DataRecord:
    """Return data with one fingerprint for the whole and for its one split."""
    fingerprint = FingerprintRecord(method=method, value=value)
    return DataRecord(
        source="digits",
        splits={"train": SplitRecord(rows=train_rows, fingerprint=fingerprint)},
        fingerprint=fingerprint,
        metric_modes={"accuracy": "max"},
    )


def run(
    number: int = 1,
    *,
    config: dict[str, Any] | None = None,
    losses: tuple[float | None, ...] = (0.5, 0.3, 0.4),
    status: str = "finished",
    findings: tuple[Finding, ...] = (),
    data: DataRecord | None = None,
    source: CodeRecord | None = None,
    python: str = "3.11.7",
    host: str = "here",
    **summary: Any,
) -> RunRecord:
    """Return a run whose best epoch is that of its lowest validation loss."""
    known = [(loss, place) for place, loss in enumerate(losses, start=1) if loss is not None and loss == loss]
    best = min(known, default=(None, None))
    return RunRecord(
        summary=RunSummary(
            number=number,
            uuid=f"0190-{number}",
            words=WORDS[number % 4],
            name="digits-mlp",
            version=1,
            config_hash=f"{number:064x}",
            recipe_hash="b" * 64,
            status=status,
            started_at="2026-11-20T08:00:00Z",
            seconds=0.75,
            epochs=len(losses),
            best_epoch=best[1],
            best_value=best[0],
            best_val_loss=best[0],
            **summary,
        ),
        config=config or digits(),
        start_of_run=StartOfRun(
            git=GitRecord(state="ok", sha="c" * 40, branch="main", dirty=False),
            environment=EnvironmentRecord(python=python, host=host, command_line=("logbook", "run")),
            code=source or code(net="x = 1")[0],
        ),
        attempts=(AttemptRecord(number=1, started_at="2026-11-20T08:00:00Z", device="cpu"),),
        data=data or data_record(),
        epochs=epochs(*losses),
        findings=findings,
    )
