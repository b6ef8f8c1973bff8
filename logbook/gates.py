"""The gates that a run passes before it is recorded; whatever stops it here leaves no trace in the record.

In this order: read and validate the config, judge it, load the data, build what trains, record where it all comes
from, ask the past, judge the data and the repetition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.building import build, build_all, load_examples
from logbook.configs import LoadedConfig, load_config
from logbook.errors import ConfigError, FrozenError, RefusedError, UserCodeError
from logbook.history.past import read_history
from logbook.history.tried import NEAR_ENOUGH, find_precedents
from logbook.initial import Initial, find_initial_weights
from logbook.lineage import lineage_of
from logbook.recording import Progress
from logbook.stopping import dead_end_ahead, find_stopper, told, way_on
from logbook.store import locate, open_reader
from logbook.store.location import database_path, is_there
from logbook.trusting import Asker, name_new_sources
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence, rank
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord
from logbook_schemas.records.precedents import Precedent
from logbook_schemas.records.provenance import GitRecord
from logbook_schemas.records.runs import HistoryRecord, RunRecord, StartOfRun

if TYPE_CHECKING:
    from logbook.training.data import LoadedData
    from logbook.training.state import Training

__all__ = [
    "CheckReport",
    "Plan",
    "RunOutcome",
    "RunRequest",
    "check",
    "judge_data",
    "pass_gates",
    "run_config",
]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What a person asked for with `logbook run`."""

    config: str | Path
    overrides: tuple[str, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    seeds: int = 1
    folds: bool = False
    strict: bool = False
    force: bool = False
    again: bool = False
    careful: bool = False
    logbook: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """What came of a request: the runs made, or why none was."""

    runs: tuple[RunRecord, ...] = ()
    refused: str | None = None
    findings: tuple[Finding, ...] = ()
    exit_status: int = 0


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What the checklist says of a config that wasn't run; `refused` says whether a run would be stopped.

    `nondeterministic` names operations of the untrained model that `training.deterministic` can't hold.
    """

    config: LoadedConfig
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    nondeterministic: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A run that has passed its gates.

    Where the person's own code raised, `failure` says what, and what came after it, `data` or `training`, is None.
    """

    loaded: LoadedConfig
    config: RunConfig
    request: RunRequest
    start: StartOfRun
    folder: Path
    findings: tuple[Finding, ...]
    training: Training | None = None
    data: DataRecord | None = None
    metric_modes: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    failure: UserCodeError | None = None
    parent: tuple[str, int] | None = None


def check(
    config: str | Path,
    *,
    overrides: Sequence[str] = (),
    data: bool = False,
    start: bool = False,
    strict: bool = False,
    careful: bool = False,
    asker: Asker | None = None,
    logbook: str | None = None,
) -> CheckReport:
    """Judge a config; with `data` also its data, with `start` also the untrained model. Nothing is recorded.

    The person's own code runs only with `data` or `start`. What of it this logbook has not run before is told to the
    `asker`; with `careful` it is asked about, and RefusedError raised where nobody says yes.
    """
    loaded = load_config(config, overrides=overrides, logbook=logbook)
    checked, folder = run_config(loaded), locate(logbook)
    if data or start:
        sections = () if start else ("data",)
        name_new_sources(checked, loaded.folder, folder, asker, careful=careful, sections=sections)
    return _check(loaded, checked, folder, data=data, start=start, strict=strict)


def _check(
    loaded: LoadedConfig, config: RunConfig, folder: Path, *, data: bool, start: bool, strict: bool
) -> CheckReport:
    findings = list(judge_moment(Evidence(config=config, history=_past(folder, loaded)), "config"))
    not_held: tuple[str, ...] = ()
    if data or start:
        examples, record, _ = load_examples(config, loaded.folder)
        findings += judge_data(config, record)
        if start:
            initial = find_initial_weights(config, loaded.folder, folder)
            try:
                judged, not_held = _judge_start(config, loaded.folder, examples, record, initial)
                findings += judged
            except FrozenError as error:
                findings += _judge_frozen(config, record, error)
    ranked = rank(findings)
    refused = find_stopper(ranked, strict=strict) is not None
    return CheckReport(config=loaded, findings=ranked, refused=refused, nondeterministic=not_held)


def pass_gates(loaded: LoadedConfig, request: RunRequest, progress: Progress) -> Plan | RunOutcome:
    """Return the plan of a run, or the refusal where a finding stops it; raises LogbookError on bad input."""
    config = run_config(loaded)
    folder = locate(request.logbook)
    if refusal := _refusal(judge_moment(Evidence(config=config), "config"), request):
        return refusal
    lineage = lineage_of(folder, loaded)
    if lineage.sentence:
        progress.message(lineage.sentence)
    try:
        name_new_sources(config, loaded.folder, folder, progress, careful=request.careful)
    except RefusedError as error:
        return RunOutcome(refused=str(error), exit_status=error.exit_status)
    built = build_all(config, loaded.folder, folder)
    if built.frozen is not None:  # nothing could be trained or measured: that is the finding
        findings = rank([*judge_data(config, built.data), *_judge_frozen(config, built.data, built.frozen)])
        return RunOutcome(refused=str(built.frozen), findings=findings, exit_status=RefusedError.exit_status)
    start, blobs = _provenance(loaded, request)
    if built.initial is not None:
        start = start.model_copy(update={"initial_weights": built.initial.record})
    history = _past(folder, loaded, start=start, data=built.data)
    near = _near(folder, loaded)
    _tell(progress, near, history, built.data, start.git)
    _tell_secrets(progress, loaded)
    findings = rank(
        [*judge_moment(Evidence(config=config, history=history), "config"), *judge_data(config, built.data)]
    )
    if refusal := _refusal(findings, replace(request, again=True)):
        return refusal
    again = _pass_dead_end(findings, near, request, progress)
    if isinstance(again, RunOutcome):
        return again
    return Plan(
        loaded=loaded,
        config=config,
        request=request,
        start=start.model_copy(update={"again": again}),
        folder=folder,
        findings=findings,
        training=built.training,
        data=built.data,
        metric_modes=built.metric_modes,
        blobs={**built.blobs, **blobs},
        failure=built.failure,
        parent=lineage.parent,
    )


def run_config(loaded: LoadedConfig) -> RunConfig:
    """Return the config of a run of ours; raises ConfigError on a config of the person's own loop."""
    if not isinstance(loaded.config, RunConfig):
        raise ConfigError(
            f"{loaded.label} is the config of your own training loop (kind own): logbook records and compares it,"
            " and can't run it"
        )
    return loaded.config


def judge_data(config: RunConfig, data: DataRecord | None) -> tuple[Finding, ...]:
    """Return what the checklist says of data; nothing of data that could not be loaded."""
    return () if data is None else judge_moment(Evidence(config=config, data=data), "data")


# -- judging --------------------------------------------------------------------------------------------------


def _judge_start(
    config: RunConfig, home: Path, examples: LoadedData, data: DataRecord, initial: Initial | None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return the findings of the untrained model, and its operations that have no deterministic kernel."""
    from logbook.training.seeding import set_deterministic
    from logbook.training.trainer import start_record

    with set_deterministic(config.training.deterministic) as determinism:
        record = start_record(build(config, home, examples, Path(), initial=initial))
    return judge_moment(Evidence(config=config, data=data, start=record), "start"), determinism.operations


def _judge_frozen(config: RunConfig, data: DataRecord | None, error: FrozenError) -> tuple[Finding, ...]:
    """Return what is to be said of a model that can't be trained at all."""
    from logbook_schemas.records.measures import StartRecord

    known = StartRecord(parameters=error.parameters, trainable=0)
    return judge_moment(Evidence(config=config, data=data, start=known), "start")


def _refusal(findings: tuple[Finding, ...], request: RunRequest) -> RunOutcome | None:
    """Return the outcome of a run that a finding stops, or None where none does."""
    stopper = find_stopper(findings, strict=request.strict, force=request.force, again=request.again)
    if stopper is None:
        return None
    reason = f"{told(stopper)} ({way_on(stopper)})"
    return RunOutcome(refused=reason, findings=findings, exit_status=RefusedError.exit_status)


def _pass_dead_end(
    findings: tuple[Finding, ...], near: Precedent | None, request: RunRequest, progress: Progress
) -> RunOutcome | bool:
    """Return whether a known dead end is run again, by `--again` or as the person answers; else the refusal."""
    if request.again:
        return True
    ahead = dead_end_ahead(findings, near, strict=request.strict)
    if ahead is None:
        return False
    if not ahead.stops:
        progress.message(f"warning: {ahead.reason}")
        return False
    if progress.confirm(ahead.reason):
        return True
    refused = f"{ahead.reason} (--again runs it all the same)"
    return RunOutcome(refused=refused, findings=findings, exit_status=RefusedError.exit_status)


def _tell(
    progress: Progress, near: Precedent | None, history: HistoryRecord, data: DataRecord | None, git: GitRecord
) -> None:
    """Say what a person should know before the run begins: what was tried, and what of data and code is missing."""
    if near is not None:
        progress.tried(near, history.same_recipe[0] if history.same_recipe else None)
    for note in data.notes if data is not None else ():
        progress.message(f"data: {note}")
    if git.state != "ok":
        progress.message(f"warning: {_without_git(git)}")


def _tell_secrets(progress: Progress, loaded: LoadedConfig) -> None:
    """Warn of what looks like a secret in the config, while nothing is recorded yet: a config can't be changed."""
    import json

    from logbook.provenance.secrets import secret_settings
    from logbook_schemas.config.identity import flatten

    for path in secret_settings(flatten(json.loads(loaded.frozen.body))):
        progress.message(
            f"warning: {path} looks like a secret. A config is recorded as it is, for good: let your own code read"
            " secrets from the environment"
        )


# -- where it comes from --------------------------------------------------------------------------------------


def _provenance(loaded: LoadedConfig, request: RunRequest) -> tuple[StartOfRun, dict[str, bytes]]:
    from logbook.provenance import capture_environment, capture_git, code_of_run
    from logbook.provenance.secrets import mask_arguments
    from logbook_schemas.reading import content_hash

    git, git_blobs = capture_git(loaded.folder)
    environment, environment_blobs = capture_environment()
    code, code_blobs = code_of_run(loaded.folder, git.root)
    source = loaded.text.encode()
    config = run_config(loaded)
    start = StartOfRun(
        config_folder=str(loaded.folder),
        config_file=loaded.file,
        source_blob=content_hash(source),
        overrides=tuple(mask_arguments(loaded.overrides)),
        seed=config.training.seed,
        fold=_fold(config),
        monitor={"metric": config.monitor.metric, "mode": config.monitor.mode},
        git=git,
        environment=environment,
        code=code,
        forced=request.force,
    )
    return start, {**git_blobs, **environment_blobs, **code_blobs, content_hash(source): source}


def _fold(config: RunConfig) -> int | None:
    """Return the fold that validates, or None where the rows aren't split in folds."""
    split = config.data.split
    return split.fold if split.kind == "k-fold" else None


def _without_git(git: GitRecord) -> str:
    if git.state == "none":
        return "this folder is no git repository: the run keeps your code's sources, and no commit to go back to"
    if git.state == "unborn":
        return "this repository has no commit yet: the run keeps your code's sources, and no commit to go back to"
    return f"git could not be asked ({git.reason}): the run has no commit to go back to"


def _near(folder: Path, loaded: LoadedConfig) -> Precedent | None:
    """Return the recipe of the past that is nearest, where it is near enough to say something of this one."""
    if not is_there(database_path(folder)):
        return None
    with open_reader(folder) as reader:
        return next(iter(find_precedents(reader, loaded.frozen, limit=1, within=NEAR_ENOUGH)), None)


def _past(
    folder: Path, loaded: LoadedConfig, *, start: StartOfRun | None = None, data: DataRecord | None = None
) -> HistoryRecord:
    if not is_there(database_path(folder)):
        return HistoryRecord()
    with open_reader(folder) as reader:
        return read_history(
            reader,
            loaded.config.name,
            loaded.frozen,
            seed=run_config(loaded).training.seed,
            fold=_fold(run_config(loaded)),
            code=start.code if start else None,
            data=data.fingerprint if data else None,
        )
