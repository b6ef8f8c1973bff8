"""Where a config comes from: the version that it was derived from, and what it changes in it.

In this order: the version that this very file last ran as, the version that the person took from the logbook or that
the config names as its `parent`, and else the newest of the name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.history.versions import describe_changes, effective_changes, version_tree

if TYPE_CHECKING:
    from logbook.configs import LoadedConfig
    from logbook.store.reader import Reader
    from logbook_schemas.records.runs import VersionRecord
    from logbook_schemas.records.versions import VersionTree

__all__ = ["Lineage", "lineage_of", "log_versions"]


@dataclass(frozen=True)
class Lineage:
    """The parent of a version, and the step from it in words where it is one."""

    parent: tuple[str, int] | None = None
    sentence: str = ""


def lineage_of(folder: Path, loaded: LoadedConfig) -> Lineage:
    """Return what a config was derived from, as far as this logbook knows."""
    from logbook.store import open_reader
    from logbook.store.location import database_path, is_there

    if not is_there(database_path(folder)):
        return Lineage()
    name = loaded.config.name
    with open_reader(folder) as reader:
        versions = reader.versions(name)
        parent = _parent(reader, loaded, versions)
        if parent is None:
            return Lineage()
        before = json.loads(reader.version_config(*parent))
    changes = effective_changes(before, json.loads(loaded.frozen.body))
    if not changes:
        return Lineage(parent)
    known = [version.number for version in versions if version.recipe_hash == loaded.frozen.recipe_hash]
    number = known[0] if known else max((version.number for version in versions), default=0) + 1
    if parent == (name, number):  # the same recipe by its hash: what differs is how a release writes it
        return Lineage(parent)
    step = f"{name}: {parent[1]} → {number}" if parent[0] == name else f"{parent[0]}@{parent[1]} → {name}@{number}"
    return Lineage(parent, f"{step}, {describe_changes(changes)}")


def log_versions(name: str, *, limit: int | None = None, logbook: str | None = None) -> VersionTree:
    """Return the versions of a name, the newest `limit` of them.

    NotFoundError, with the nearest, where the logbook has none of that name.
    """
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        versions = reader.versions(name)
        if not versions:
            # What may be meant is a run, or a version: its name is then the one asked for.
            name = reader.summary(reader.resolve(name)).name
            versions = reader.versions(name)
        versions = versions if limit is None else versions[-limit:]
        shown = {version.number for version in versions}
        runs = [run for run in reader.runs(name=name, newest_first=False) if run.version in shown]
        first = {run.version: run.number for run in reversed(runs)}
        authors = {version: reader.start_of_run(number).environment.user or "" for version, number in first.items()}

        def config_of(of: str, number: int) -> dict[str, object]:
            return dict(json.loads(reader.version_config(of, number)))

        return version_tree(name, versions, config_of, runs, authors)  # type: ignore[arg-type]


def _parent(reader: Reader, loaded: LoadedConfig, versions: list[VersionRecord]) -> tuple[str, int] | None:
    name = loaded.config.name
    if loaded.version is None:
        last = reader.version_of_file(name, folder=str(loaded.folder), file=loaded.file)
        if last is not None:
            return name, last
    for named in (loaded.version, _split(loaded.config.parent)):
        if named is not None and any(one.number == named[1] for one in reader.versions(named[0])):
            return named
    return (name, versions[-1].number) if versions else None


def _split(version: str | None) -> tuple[str, int] | None:
    if version is None:
        return None
    name, _, number = version.rpartition("@")
    return name, int(number)
