"""A person's own code is named before it runs, where this logbook has not run its source before.

A config from a stranger names the code that is to run. Reading such a config runs nothing; `run`, `resume`, `predict`
and `check --data` do. They say first which target is new here or has changed, and `--careful` has them ask.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from logbook.errors import RefusedError
from logbook.provenance.blobs import content_hash
from logbook.store import open_reader
from logbook.store.location import database_path
from logbook.store.targets import runs_of_module
from logbook_schemas.config.base import PythonTarget

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook.training.own_code import TargetSource
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.provenance import CodeRecord

__all__ = ["Asker", "name_new_sources"]


class Asker(Protocol):
    """Who tells a person of something, and asks; every `Progress` can."""

    def message(self, text: str) -> None:
        """Say one line."""

    def confirm(self, question: str, /) -> bool:
        """Ask a person whether to go on; False where nobody can be asked."""


@dataclass(frozen=True)
class _Found:
    """A target of a config with the place where it stands there, and the file that would run, as told."""

    place: str
    target: str
    source: TargetSource

    @property
    def named(self) -> str:
        if self.source.files:
            return f"{self.place} {self.target} ({self.source.files[-1]})"
        return f"{self.place} {self.target} (built into Python)"


def name_new_sources(
    config: RunConfig,
    home: Path,
    folder: Path,
    asker: Asker | None = None,
    *,
    careful: bool = False,
    sections: Sequence[str] = (),
) -> None:
    """Say which of a config's `python` targets the logbook in `folder` has not run from the source that they have now.

    `home` is where the modules are looked for first; `sections`, such as `model`, are those whose code is about to
    run, all where none is named; without an `asker` nobody hears of it. With `careful` each is asked about, and
    RefusedError raised where the answer is no or nobody can be asked.
    """
    targets = list(_targets(config, sections))
    if not targets:
        return
    from logbook.training.own_code import read_sources_only

    if careful:
        read_sources_only()
    for found, news in _new_ones(targets, home, folder):
        told = f"{found.named} {news}"
        if not careful:
            if asker is not None:
                asker.message(f"own code: {told}")
        elif asker is None or not asker.confirm(told):
            raise RefusedError(f"{told}: nothing of it was run (without --careful it runs, and is named)")


def _targets(config: RunConfig, sections: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the place and the target of each `python` section, every target once."""
    seen: set[str] = set()
    for name in sections or type(config).model_fields:
        for place, section in _python_sections(getattr(config, name), name):
            if section.target not in seen:
                seen.add(section.target)
                yield place, section.target


def _python_sections(value: object, place: str) -> Iterator[tuple[str, PythonTarget]]:
    if isinstance(value, PythonTarget):
        yield place, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _python_sections(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, tuple | list):
        for number, one in enumerate(value):
            yield from _python_sections(one, f"{place}[{number}]")


def _new_ones(targets: Sequence[tuple[str, str]], home: Path, folder: Path) -> Iterator[tuple[_Found, str]]:
    """Yield each target that is new here or changed, and in words which."""
    from logbook.training.own_code import find_source

    found = [
        _Found(place, target, source) for place, target in targets if (source := find_source(target, home)) is not None
    ]
    if not database_path(folder).exists():
        yield from ((one, _NEVER) for one in found)
        return
    told_apart = {file for one in found for file in one.source.files}
    for one in found:
        # Opened for each: whoever is asked may take long, and no connection stays open meanwhile.
        with open_reader(folder) as reader:
            news = _news(reader, one, home, told_apart)
        if news:
            yield one, news


_NEVER = "was not run before from this logbook"
_REACHED = "was not run before from this logbook: the module only imports it, or reaches it"


def _news(reader: Reader, found: _Found, home: Path, told_apart: set[Path]) -> str:
    """Say what is new about a target; empty where some run had it with the source that it has now.

    Files of `told_apart` are those of targets: what is new about them is said of these.
    """
    module = found.target.partition(":")[0]
    runs = runs_of_module(reader, module)
    if found.source.installed:
        # What is installed is the person's own choice; which of it a config calls is not.
        return "" if any(target == found.target for _, target in runs) else _NEVER
    try:
        now = [content_hash(file.read_bytes()) for file in found.source.files]
    except OSError:
        return _NEVER
    numbers = list(dict.fromkeys(number for number, _ in runs))
    for number in numbers:
        code = reader.start_of_run(number).code
        if set(now) <= set(code.files.values()):
            changed = _changed_beside(code, home, told_apart)
            if changed:
                return f"ran as r{number} with {changed}, which has changed since"
            is_known = any(target == found.target for _, target in runs) or _defines(
                found.source.files[-1], found.target
            )
            return "" if is_known else _REACHED
    return f"has changed since r{numbers[0]}" if numbers else _NEVER


def _defines(file: Path, target: str) -> bool:
    """Say whether a module defines, by `def` or `class`, what a target names.

    A module that is known imports others: `net:torch.os.system` would be known with it.
    """
    try:
        scope = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return False
    for name in target.partition(":")[2].split("."):
        found = [node for node in scope if isinstance(node, _DEFINITIONS) and node.name == name]
        if not found:
            return False
        scope = found[-1].body if isinstance(found[-1], ast.ClassDef) else []
    return True


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _changed_beside(code: CodeRecord, home: Path, told_apart: set[Path]) -> str:
    """Name a file that the run loaded from the config's folder and that has another content now; empty for none."""
    for path, before in code.files.items():
        file = (home / path).resolve()
        try:
            if file not in told_apart and file.is_file() and content_hash(file.read_bytes()) != before:
                return path
        except OSError:
            return path
    return ""
