"""A config file, read whole: the one place where a file's trouble becomes a message and an exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import ConfigError

if TYPE_CHECKING:
    from logbook_schemas.config.identity import AnyConfig

__all__ = ["ConfigFile", "read_config_file"]


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """A config with the text as the person wrote it and the folder that its relative paths start from."""

    path: Path
    source: bytes
    config: AnyConfig

    @property
    def folder(self) -> Path:
        return self.path.resolve().parent


def read_config_file(path: Path, *, overrides: Sequence[str] = ()) -> ConfigFile:
    """Return the validated config of a file, `--set` options applied; ConfigError holds every problem found."""
    from logbook_schemas.config.identity import config_model
    from logbook_schemas.reading import ReadingError, apply_overrides, read_json, validate

    source = _bytes_of(path)
    try:
        document = apply_overrides(read_json(source, name=str(path)), list(overrides))
        return ConfigFile(path=path, source=source, config=validate(document, config_model(document.value)))
    except ReadingError as error:
        problems = [str(problem) for problem in error.problems]
        if error.more:
            problems.append(f"… and {error.more} more")
        count = len(error.problems) + error.more
        message = f"{path} has {'a problem' if count == 1 else f'{count} problems'}"
        raise ConfigError(message, problems=problems) from error


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; name the config file in it")
    try:
        # One byte over the limit is enough to be refused for it.
        with path.open("rb") as file:
            return file.read(2**20 + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"{path} not found; name a config file{_neighbours(path)}") from error
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror or error}") from error


def _neighbours(path: Path) -> str:
    from logbook_schemas.reading import nearest

    if not path.parent.is_dir():
        return f" ({path.parent} isn't there either)"
    near = nearest(path.name, [file.name for file in path.parent.glob("*.json")])
    return f", did you mean {path.with_name(near)}?" if near else ""
