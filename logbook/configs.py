"""Configs from files and from the logbook: read strictly, overridden, validated, with every problem in one error."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import ConfigError, NotFoundError, StoreError
from logbook.files import read_at_most

if TYPE_CHECKING:
    from logbook_schemas.config.identity import AnyConfig, Frozen
    from logbook_schemas.reading import Document
    from logbook_schemas.records.beginning import StartOfRun

__all__ = [
    "LoadedConfig",
    "is_file",
    "load_config",
    "load_recorded",
    "read_config_file",
    "thawed",
    "valid_name",
    "validated",
]

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class LoadedConfig:
    """A config with what it came from: `folder` is what its relative paths and modules are relative to.

    `label` is what the person called it, `file` the name of its file, and `version` the version that it is or, with
    `overrides`, that it was derived from, where it came from the logbook.
    """

    config: AnyConfig
    frozen: Frozen
    label: str
    file: str
    folder: Path
    text: str
    overrides: tuple[str, ...] = ()
    version: tuple[str, int] | None = None


def load_config(reference: str | Path, *, overrides: Sequence[str] = (), logbook: str | None = None) -> LoadedConfig:
    """Return the config of a file, or of a run, version or config hash of the logbook, its defaults filled in.

    Raises ConfigError with every problem of a file, or where a reference means nothing.
    """
    if is_file(reference):
        return _load_file(Path(reference), overrides)
    return load_recorded(str(reference), overrides, logbook)


def is_file(reference: str | Path) -> bool:
    """Say whether a reference to a config means a file: one that is there, or what looks like a file's name."""
    path = Path(reference)
    if path.suffix in (".json", ".jsonc") or len(path.parts) != 1:
        return True
    with suppress(OSError):  # a name that is too long for a file
        return path.exists()
    return False


def _load_file(path: Path, overrides: Sequence[str]) -> LoadedConfig:
    document = read_config_file(path)
    config = validated(document, overrides, default_name=path.stem)
    return LoadedConfig(
        config=config,
        frozen=_frozen(config),
        label=str(path),
        file=path.name,
        folder=path.resolve().parent,
        text=document.text,
        overrides=tuple(overrides),
    )


def load_recorded(reference: str, overrides: Sequence[str], logbook: str | None) -> LoadedConfig:
    """Return a config of the logbook. As long as nothing is overridden its frozen bytes stay what they were."""
    from logbook_schemas.config.identity import freeze_as
    from logbook_schemas.reading import read_json

    body, start, version = _recorded(reference, logbook)
    config = thawed(body)
    frozen = freeze_as(body)
    text = json.dumps(config.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False)
    if overrides:
        config = validated(read_json(text, name=reference), overrides, default_name=config.name)
        frozen = _frozen(config)
    return LoadedConfig(
        config=config,
        frozen=frozen,
        label=reference,
        file=start.config_file,
        folder=Path(start.config_folder),
        text=text,
        overrides=tuple(overrides),
        version=version,
    )


def _recorded(reference: str, logbook: str | None) -> tuple[bytes, StartOfRun, tuple[str, int]]:
    from logbook.store import locate, open_reader

    try:
        with open_reader(locate(logbook)) as reader:
            number = reader.resolve(reference)
            summary = reader.summary(number)
            version = summary.name, summary.version
            # A version is its first config: later runs of it may have another seed or hypothesis.
            is_version = re.fullmatch(r"[^@:]+@\d+", reference) is not None
            body = reader.version_config(*version) if is_version else reader.frozen(summary.config_hash)
            return body, reader.start_of_run(number), version
    except NotFoundError as error:
        raise ConfigError(f"no such file: {reference}{_nearest_file(Path(reference))}; and {error}") from error


def thawed(body: bytes) -> AnyConfig:
    """Return the config that the frozen bytes of a logbook hold; StoreError for what no config of today can be."""
    from logbook_schemas.config.identity import thaw

    try:
        return thaw(body)
    except ValueError as error:
        problems = getattr(error, "errors", None)
        first = problems()[0] if problems is not None else {"loc": (), "msg": str(error)}
        told = ": ".join(filter(None, (".".join(map(str, first["loc"])), str(first["msg"]))))
        raise StoreError(
            f"a config in this logbook can't be read: {told}. A newer release made it, or it is damaged; see"
            " 'logbook fsck'"
        ) from error


def validated(document: Document, overrides: Sequence[str], *, default_name: str) -> AnyConfig:
    """Return the config that a document holds; raises ConfigError with every problem of it."""
    from logbook_schemas.config.identity import config_model
    from logbook_schemas.reading import ReadingError, apply_overrides, validate

    try:
        document = _named(apply_overrides(document, overrides), default_name)
        config = validate(document, config_model(document.value))
    except ReadingError as error:
        raise _config_error(error) from error
    _refuse_unknown_rules(document, config)
    return config


def _frozen(config: AnyConfig) -> Frozen:
    from logbook_schemas.config.identity import freeze

    return freeze(config)


def read_config_file(path: Path) -> Document:
    """Return the JSON of a file as written; raises ConfigError where there is none to be read."""
    from logbook_schemas.reading import ReadingError, read_json

    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ConfigError(f"{path} is a folder; expected a config file, such as {path / 'config.json'}")
        content = read_at_most(path, MAX_BYTES) if size <= MAX_BYTES else b""
        if max(size, len(content)) > MAX_BYTES:
            has = f"{size:,}" if path.is_file() else f"more than {MAX_BYTES:,}"
            raise ConfigError(f"{path} has {has} bytes; a config may have at most {MAX_BYTES:,}")
        return read_json(content, name=str(path))
    except ReadingError as error:
        raise _config_error(error) from error
    except FileNotFoundError as error:
        raise ConfigError(f"no such file: {path}{_nearest_file(path)}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{path} can't be read: {reason}") from error


def _config_error(error: ValueError) -> ConfigError:
    problems = [str(problem) for problem in getattr(error, "problems", ())]
    return ConfigError(str(error), problems=problems)


def _nearest_file(path: Path) -> str:
    from logbook_schemas.reading import nearest

    folder = path.parent
    if not folder.is_dir():
        return f" (there is no folder {folder})"
    found = nearest(path.name, [file.name for file in folder.glob("*.json*")])
    return f"; did you mean {folder / found}?" if found else ""


def _named(document: Document, default_name: str) -> Document:
    """Name a config after its file where it has no name of its own."""
    from logbook_schemas.reading import apply_overrides

    if not isinstance(document.value, dict) or "name" in document.value:
        return document
    return apply_overrides(document, [f'name="{valid_name(default_name)}"'])


def valid_name(text: str) -> str:
    """Return a text, such as a file's name, as the name of a config."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:100] or "unnamed"


def _refuse_unknown_rules(document: Document, config: AnyConfig) -> None:
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.config.training import Checks

    if not isinstance(config, RunConfig) or config.checks == Checks():
        return
    # All rules at once: a command that only reads a config is spared them.
    from logbook_schemas.checklist.catalogue import check_names

    problems = [str(document.problem(path, text)) for path, text in check_names(config.checks)]
    if problems:
        raise ConfigError("\n".join(problems), problems=problems)
