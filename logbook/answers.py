"""The questions a person asks the logbook, each one function: open the store, ask, close.

What is read comes from the store; what it means is said by `history`. Nothing here trains, and nothing that trains
is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logbook.errors import DamagedError, NotFoundError, UsageError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.store.reader import Reader
    from logbook.store.search.columns import Cell
    from logbook_schemas.checklist.rule import Rule
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.difference import Diff
    from logbook_schemas.records.precedents import TriedDocument
    from logbook_schemas.records.progress import Progress
    from logbook_schemas.records.runs import RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = [
    "RuleAnswer",
    "RunList",
    "diff_references",
    "differing_blobs",
    "explain_rule",
    "explained_by_damage",
    "list_rules",
    "list_runs",
    "measure_progress",
    "rule_named",
    "run_list",
    "show_run",
    "tried",
    "verify_logbook",
]

_MIXED_KINDS = (
    "the kinds differ: one is the config of a person's own loop, the other is not;"
    " only what both have and the values of the own loop are told"
)
_VERSION = r"(?P<name>[^@:]+)@(?P<number>\d+)"


class RunList(NamedTuple):
    """Runs, and whether there are more than were asked for."""

    runs: tuple[RunSummary, ...]
    has_more: bool
    folder: Path
    remarks: tuple[str, ...] = ()
    """Why there may be none."""
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[Cell, ...], ...] = ()
    """The columns that were asked for, and what each run has in them."""
    matches: dict[int, str] = {}
    """By number, where in a run's text the words stand that were searched for."""
    asks_for_dead_ends: bool = False
    """Whether a search asked for nothing else: then the cause is what sets the runs apart."""


class RuleAnswer(NamedTuple):
    """A rule, and how it has fared in this logbook: fired, ignored, and the outcomes of the runs where it fired."""

    rule: Rule
    statistics: dict[str, JsonValue]


def list_runs(
    *, logbook: str | None = None, name: str | None = None, limit: int | None = 50, columns: str | None = None
) -> RunList:
    """Return the newest runs first; a logbook that isn't there yet has none, save one that was asked for by name."""
    from logbook.store import locate

    try:
        with _reader(logbook) as reader:
            found = run_list(reader.runs(limit=None if limit is None else limit + 1, name=name), limit, reader.folder)
            if columns is None:
                return found
            names, cells = reader.columns([run.number for run in found.runs], columns)
            return found._replace(columns=names, cells=tuple(cells))
    except NotFoundError:
        if logbook is not None:
            raise
        return RunList(runs=(), has_more=False, folder=locate(logbook))


def run_list(runs: Sequence[RunSummary], limit: int | None, folder: Path) -> RunList:
    """Return at most `limit` of the runs; one more was asked for, to know whether there are more."""
    shown = runs if limit is None else runs[:limit]
    return RunList(runs=tuple(shown), has_more=len(shown) < len(runs), folder=folder)


def show_run(reference: str, *, logbook: str | None = None, layers: bool = True) -> RunRecord:
    """Return a run, whole, its findings ranked; without `layers`, quicker, its epochs carry no measures of layers."""
    from logbook_schemas.checklist.ranking import rank

    with _reader(logbook) as reader:
        run = reader.run(reader.resolve(reference), layers=layers)
    return run.model_copy(update={"findings": rank(run.findings)})


def diff_references(left: str | None, right: str | None, *, logbook: str | None = None) -> Diff:
    """Return what differs between two runs, versions, configs or files.

    With one of them, against the defaults; with none, between the newest run and the one before.
    """
    if left is None:
        return _diff(_recorded("@-1", logbook), _recorded("@", logbook), logbook)
    one = _side(left, logbook)
    if right is None:
        from logbook.history.defaults import default_config

        return _diff(_Side(label="the defaults", config=default_config(one.config)), one, logbook)
    return _diff(one, _side(right, logbook), logbook)


def tried(
    config: str | Path, *, overrides: Sequence[str] = (), limit: int = 5, logbook: str | None = None
) -> TriedDocument:
    """Return the recipes of the past nearest to a config; none in a logbook that isn't there yet."""
    from logbook.configs import load_config
    from logbook.history.tried import NEAR_ENOUGH, find_precedents
    from logbook_schemas.records.precedents import TriedDocument

    loaded = load_config(config, overrides=overrides, logbook=logbook)
    try:
        with _reader(logbook) as reader:
            found = find_precedents(reader, loaded.frozen, limit=limit)
    except NotFoundError:
        if logbook is not None:
            raise
        found = ()
    return TriedDocument(
        config=loaded.label, recipe_hash=loaded.frozen.recipe_hash, near_enough=NEAR_ENOUGH, precedents=found
    )


def measure_progress(
    *, name: str | None = None, tag: str | None = None, weeks: int = 4, logbook: str | None = None
) -> tuple[Progress, ...]:
    """Return how far one has come: with a name or a tag of those runs together, else of each name."""
    from logbook.history.progress import by_name, progress

    if weeks < 1:
        raise UsageError(f"weeks must be 1 or more, got {weeks}")
    with _reader(logbook) as reader:
        runs = [run for run in reader.runs(name=name) if tag is None or tag in run.tags]
        if not runs:
            everything = reader.runs()
            raise _no_runs(name, tag, {run.name for run in everything}, {one for run in everything for one in run.tags})
    now = datetime.now(UTC)
    if name is None and tag is None:
        return by_name(runs, now=now, weeks=weeks)
    return (progress(runs, now=now, weeks=weeks, name=name or "", tag=tag or ""),)


def list_rules(*, topic: str | None = None, moment: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of the checklist, by code: those of a topic (its name or letter) and of a moment.

    UsageError for a topic or moment that isn't there.
    """
    from logbook_schemas.checklist.catalogue import RULES
    from logbook_schemas.checklist.topics import TOPICS, topic_of
    from logbook_schemas.records.findings import MOMENTS

    wanted = None if topic is None else TOPICS.get(topic.upper(), topic.lower())
    if wanted is not None and wanted not in TOPICS.values():
        told = ", ".join(f"{letter} {name}" for letter, name in TOPICS.items())
        raise UsageError(f"no topic {topic!r}; it is one of {told}")
    if moment is not None and moment not in MOMENTS:
        raise UsageError(f"no moment {moment!r}; it is one of {', '.join(MOMENTS)}")
    return tuple(
        rule
        for rule in RULES
        if (wanted is None or topic_of(rule.code) == wanted) and (moment is None or rule.moment == moment)
    )


def explain_rule(name: str, *, logbook: str | None = None) -> RuleAnswer:
    """Return a rule by name or code, with its record in this logbook; NotFoundError names the nearest."""
    rule = rule_named(name)
    try:
        with _reader(logbook) as reader:
            return RuleAnswer(rule=rule, statistics=reader.rule_statistics(rule.code))
    except NotFoundError:
        return RuleAnswer(rule=rule, statistics={})


def verify_logbook(
    *, logbook: str | None = None, rebuilt: bool = False, tell: Callable[[str, int, int], None]
) -> tuple[str, ...]:
    """Return what is wrong with the logbook: nothing, where it says what was written.

    With `rebuilt` what is derived is made anew before. `tell` hears what is looked at, how many are done, of how many.
    """
    from logbook.store import locate
    from logbook.store.verify import rebuild, verify

    folder = locate(logbook)
    if rebuilt:
        rebuild(folder, tell=tell)
    return tuple(verify(folder, tell=tell))


def explained_by_damage(error: Exception, *, logbook: str | None = None) -> DamagedError | None:
    """Return what is to be said of an error that nobody foresaw, where the logbook doesn't say what was written.

    Damage may put anything into a row, and a stranger may. None where all is as it was written: the mistake is ours.
    """
    from logbook.store import locate
    from logbook.store.verify import verify_rows

    try:
        folder = locate(logbook)
        problems = verify_rows(folder)
    except Exception:  # whatever it is, it is not what is to be told
        return None
    if not problems:
        return None
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return DamagedError(
        f"the logbook {folder} is damaged, and can't be read for this ({type(error).__name__}): {problems[0]}{more}."
        " See 'logbook fsck'; what follows from other rows is made anew by 'logbook fsck --rebuild', the rest is in a"
        " backup"
    )


def _no_runs(name: str | None, tag: str | None, names: Collection[str], tags: Collection[str]) -> NotFoundError:
    from logbook_schemas.reading import nearest

    asked = [*([f"of the name {name!r}"] if name else []), *([f"with the tag {tag!r}"] if tag else [])]
    near = [nearest(one or "", known) for one, known in ((name, names), (tag, tags)) if one not in known]
    meant = [f"did you mean {one!r}?" for one in near if one] or ["'logbook ls' shows what there is"]
    return NotFoundError(f"{' '.join(['no runs', *asked])}; {meant[0]}")


# -- the two sides of a difference ------------------------------------------------------------------------------


class _Side(NamedTuple):
    """One side of a difference; it has a number where it is a run."""

    label: str
    config: dict[str, JsonValue]
    number: int | None = None


def _side(reference: str, logbook: str | None) -> _Side:
    """Return what a reference means: a file where there is one of that name, else what the store knows."""
    from logbook.configs import is_file

    return _file(Path(reference)) if is_file(reference) else _recorded(reference, logbook)


def _file(path: Path) -> _Side:
    from logbook.configs import load_config

    return _Side(label=str(path), config=load_config(path).config.model_dump(mode="json", by_alias=True))


def _recorded(reference: str, logbook: str | None) -> _Side:
    import json

    version = re.fullmatch(_VERSION, reference)
    with _reader(logbook) as reader:
        if version:
            body = reader.version_config(version["name"], int(version["number"]))
            return _Side(label=reference, config=json.loads(body))
        number = reader.resolve(reference)
        summary = reader.summary(number)
        return _Side(
            label=f"{summary.id} {summary.words} {summary.name}@{summary.version}",
            config=reader.config(summary.config_hash),
            number=number,
        )


def _diff(left: _Side, right: _Side, logbook: str | None) -> Diff:
    from logbook.history.diff import diff_code, diff_configs, diff_data, diff_environment, diff_git, kinds_differ
    from logbook_schemas.records.difference import Diff

    config = diff_configs(left.config, right.config)
    is_mixed = kinds_differ(left.config, right.config)
    bare = Diff.model_construct(
        left=left.label,
        right=right.label,
        config=config,
        same_recipe=not is_mixed and not any(change.matters for change in config),
        remark=_MIXED_KINDS if is_mixed else "",
    )
    if left.number is None or right.number is None:
        return bare
    with _reader(logbook) as reader:
        before, after = reader.start_of_run(left.number), reader.start_of_run(right.number)
        data = diff_data(reader.data_record(left.number), reader.data_record(right.number))
        blobs = differing_blobs(before, after, reader)
    return bare.model_copy(
        update={
            "code": diff_code(before.code, after.code, blobs=blobs),
            "data": data,
            "environment": diff_environment(before.environment, after.environment, blobs=blobs),
            "git": diff_git(before.git, after.git),
        }
    )


def differing_blobs(left: StartOfRun, right: StartOfRun, reader: Reader) -> dict[str, bytes]:
    """Return the contents that two runs don't share: sources, lists of what was installed."""
    found: dict[str, bytes] = {}
    for digest in _blobs_of(left) ^ _blobs_of(right):
        try:
            found[digest] = reader.blob(digest)
        except NotFoundError:
            continue  # it was left out when it was recorded; the difference is told without its text
    return found


def _blobs_of(start: StartOfRun) -> set[str]:
    sources = {start.code.blob_of(path) for path in start.code.files}
    return {digest for digest in sources | {start.environment.distributions_blob} if digest}


# -- the store, the journal, the catalogue ----------------------------------------------------------------------


def _reader(logbook: str | None) -> Reader:
    from logbook.store import locate, open_reader

    return open_reader(locate(logbook))


def rule_named(name: str) -> Rule:
    """Return a rule by name or code; NotFoundError names the nearest."""
    from logbook_schemas.checklist.catalogue import RULES, find_rule, rule_names
    from logbook_schemas.reading import nearest

    rule = find_rule(name)
    if rule is None:
        near = nearest(name, rule_names())
        meant = f"did you mean {near!r}? " if near else ""
        raise NotFoundError(f"no rule {name!r}; {meant}'logbook rule' lists all {len(RULES)}")
    return rule
