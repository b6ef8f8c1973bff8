"""Configs from files: found, read strictly, overridden, validated, with every problem in one error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import ConfigError

if TYPE_CHECKING:
    from logbook_schemas.config.identity import AnyConfig, Frozen
    from logbook_schemas.reading import Document

__all__ = ["LoadedConfig", "load_config", "read_config_file"]

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class LoadedConfig:
    """A config with what it came from: `folder` is what its relative paths and modules are relative to."""

    config: AnyConfig
    frozen: Frozen
    path: Path
    text: str
    overrides: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.resolve().parent


def load_config(path: Path, *, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Return the config of a file, its defaults filled in; raises ConfigError with every problem of the file."""
    from logbook_schemas.config.identity import config_model, freeze
    from logbook_schemas.reading import ReadingError, apply_overrides, validate

    document = read_config_file(path)
    try:
        document = _named(apply_overrides(document, overrides), path)
        config = validate(document, config_model(document.value))
    except ReadingError as error:
        raise _config_error(error) from error
    _refuse_unknown_rules(document, config)
    return LoadedConfig(config=config, frozen=freeze(config), path=path, text=document.text, overrides=tuple(overrides))


def read_config_file(path: Path) -> Document:
    """Return the JSON of a file as written; raises ConfigError where there is none to be read."""
    from logbook_schemas.reading import ReadingError, read_json

    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ConfigError(f"{path} is a folder; expected a config file, such as {path / 'config.json'}")
        if size > MAX_BYTES:
            raise ConfigError(f"{path} has {size:,} bytes; a config may have at most {MAX_BYTES:,}")
        return read_json(path.read_bytes(), name=str(path))
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


def _named(document: Document, path: Path) -> Document:
    """Name a config after its file where it has no name of its own."""
    from logbook_schemas.reading import apply_overrides

    if not isinstance(document.value, dict) or "name" in document.value:
        return document
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("-._")[:100] or "unnamed"
    return apply_overrides(document, [f'name="{name}"'])


def _refuse_unknown_rules(document: Document, config: AnyConfig) -> None:
    from logbook_schemas.checklist.catalogue import check_ignores
    from logbook_schemas.config.run import RunConfig

    if not isinstance(config, RunConfig) or not config.checks.ignore:
        return
    problems = [str(document.problem(("checks", "ignore"), text)) for text in check_ignores(config.checks.ignore)]
    if problems:
        raise ConfigError("\n".join(problems), problems=problems)
