"""Config files written for the person: a first one, one derived from an earlier version, one with its losses below."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.configs import LoadedConfig, is_file, load_config, read_config_file, valid_name
from logbook.errors import LogbookError, NotFoundError, UsageError
from logbook.files import writing

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.store.reader import Reader
    from logbook_schemas.reading import Document
    from logbook_schemas.records.measures import EpochRecord
    from logbook_schemas.records.runs import RunRecord

__all__ = ["NewConfig", "commented_config", "new_config"]

_START = {"data": {"source": {"kind": "sklearn", "dataset": "digits"}}, "hypothesis": ""}


class NewConfig:
    """A config file that was written, and what the person should know of it."""

    def __init__(self, path: Path, remarks: Sequence[str] = ()) -> None:
        self.path = path
        self.remarks = tuple(remarks)


def new_config(
    path: Path | None,
    *,
    base: str | None = None,
    overrides: Sequence[str] = (),
    force: bool = False,
    logbook: str | None = None,
) -> NewConfig:
    """Write a config: with the checklist's defaults, or derived from the file, version or run that `base` means.

    Without a path it is called after the next version, beside the file that it is derived from. Raises UsageError
    where there is a file already, ConfigError for overrides that can't be meant.
    """
    if base is None:
        path = path or Path("config.json")
        text = _first(path, overrides)
        remarks: tuple[str, ...] = ()
    else:
        path, text, remarks = _derived(path, base, overrides, logbook)
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; name another file, or --force writes over it")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return NewConfig(path, remarks)


def commented_config(reference: str, *, logbook: str | None = None) -> str:
    """Return the config of a run as text, every epoch's losses below it as comments; it reads as the same config.

    It is the text that the person wrote, with what options changed in it, where that still reads as what ran (a newer
    release may have changed a default), else the frozen config.
    """
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        run = reader.run(reader.resolve(reference), layers=False)
        text = _as_written(reader, run)
    return "\n".join([text.rstrip("\n"), *_losses(run)]) + "\n"


def _first(path: Path, overrides: Sequence[str]) -> str:
    from logbook_schemas.config.commented import commented

    config = _resolved({"name": valid_name(path.stem), **_START}, overrides)
    return commented(config)


def _resolved(raw: dict[str, object], overrides: Sequence[str]) -> dict[str, object]:
    from logbook.configs import validated
    from logbook_schemas.reading import read_json

    document = read_json(json.dumps(raw), name="the defaults")
    return validated(document, overrides, default_name=str(raw["name"])).model_dump(mode="json", by_alias=True)


def _derived(
    path: Path | None, base: str, overrides: Sequence[str], logbook: str | None
) -> tuple[Path, str, tuple[str, ...]]:
    from logbook.configs import validated
    from logbook_schemas.reading import read_json
    from logbook_schemas.reading.editing import edit_text

    loaded = load_config(base, logbook=logbook)
    parent, following = _places(loaded, logbook)
    document = _source(loaded, base, logbook)
    said = [*overrides, *([f'parent="{parent}"'] if parent else [])]
    if isinstance(document.value, dict) and "name" not in document.value:
        said.append(f'name="{loaded.config.name}"')
    validated(document, said, default_name=loaded.config.name)
    text = edit_text(document, said)
    new_name = str(validated(read_json(text, name=base), (), default_name=loaded.config.name).name)
    folder = loaded.folder if loaded.folder.is_dir() else Path()
    path = path or _shown(folder / f"{new_name}-{following}.json")
    remarks = []
    if path.resolve().parent != loaded.folder:
        remarks.append(f"its paths and modules were relative to {loaded.folder}; from {path.parent} they are others")
    return path, text, tuple(remarks)


def _shown(path: Path) -> Path:
    """Return a path as a person would type it, from the current folder where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _places(loaded: LoadedConfig, logbook: str | None) -> tuple[str | None, int]:
    """Return the version that a config is, where the logbook knows it, and the number that the next one gets."""
    from logbook.store import locate, open_reader

    name = loaded.config.name
    try:
        with open_reader(locate(logbook)) as reader:
            versions = reader.versions(name)
    except NotFoundError:
        return None, 1
    following = max((one.number for one in versions), default=0) + 1
    if loaded.version is not None:
        return f"{loaded.version[0]}@{loaded.version[1]}", following
    same = [one.number for one in versions if one.recipe_hash == loaded.frozen.recipe_hash]
    return (f"{name}@{same[0]}" if same else None), following


def _source(loaded: LoadedConfig, base: str, logbook: str | None) -> Document:
    """Return the text to derive from: a file's own, or of a recorded config the one that its person wrote."""
    from logbook.store import locate, open_reader
    from logbook_schemas.reading import read_json

    if is_file(base):
        return read_config_file(Path(base))
    with open_reader(locate(logbook)) as reader:
        run = reader.run(reader.resolve(base), layers=False)
        text = _as_written(reader, run) if run.summary.config_hash == loaded.frozen.config_hash else loaded.text
    return read_json(text, name=base)


def _as_written(reader: Reader, run: RunRecord) -> str:
    from logbook_schemas.reading import ReadingError, read_json

    frozen = reader.frozen(run.summary.config_hash)
    try:
        start = run.start_of_run
        text = reader.blob((start.source_blob if start else None) or "").decode()
        for written in (text, _edited(read_json(text, name=run.summary.id), json.loads(frozen), run)):
            if _hash_of(read_json(written, name=run.summary.id), run) == run.summary.config_hash:
                return written
    except (LogbookError, ReadingError, UnicodeDecodeError):
        pass  # it was left out, or can't be read by this release: the frozen config says the same
    return json.dumps(json.loads(frozen), indent=2, ensure_ascii=False)


def _edited(document: Document, ran: dict[str, JsonValue], run: RunRecord) -> str:
    """Return the text of a person with the values of what ran put where they differ, as options did."""
    from logbook.configs import validated
    from logbook.history.diff import diff_configs
    from logbook_schemas.reading.editing import edit_text

    written = validated(document, (), default_name=run.summary.name).model_dump(mode="json", by_alias=True)
    changes = (change for change in diff_configs(written, ran) if change.kind != "removed")
    return edit_text(document, [f"{one.path}={json.dumps(one.right, ensure_ascii=False)}" for one in changes])


def _hash_of(document: Document, run: RunRecord) -> str:
    from logbook.configs import validated
    from logbook_schemas.config.identity import freeze

    return freeze(validated(document, (), default_name=run.summary.name)).config_hash


def _losses(run: RunRecord) -> Iterator[str]:
    summary = run.summary
    yield f"// {summary.id} {summary.words}, {summary.name}@{summary.version}, {summary.started_at}: {summary.status}"
    for record in run.epochs:
        yield f"// {_epoch(record)}"
    if summary.best_epoch is not None:
        yield f"// best: epoch {summary.best_epoch}, {summary.monitor_metric} {summary.best_value:.6g}"
    if run.end is not None and run.end.test_loss is not None:
        yield f"// test_loss {run.end.test_loss:.6g}"


def _epoch(record: EpochRecord) -> str:
    phase = "" if record.phase == "train" else f"{record.phase} "
    values = {"train_loss": record.train_loss, "val_loss": record.val_loss, **record.metrics}
    said = [f"{name} {value:.6g}" for name, value in values.items() if value is not None]
    return f"{phase}epoch {record.epoch}: {', '.join(said)}"
