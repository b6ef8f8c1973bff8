"""Judging runs of the past again: the rules of today on the records of then.

Nothing is changed and nothing is removed. Where the rules of today say something else, a judgement with all findings
of the run is put behind what is there, and from then on counts; where they say the same, nothing is written. So it is
with what is suggested of the run's outcome: an entry of the journal (see `suggesting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from logbook.answers import rule_named
from logbook.configs import thawed
from logbook.errors import NotFoundError, UsageError
from logbook.history.past import Past
from logbook.store import locate, open_reader, open_writer
from logbook.store.writer import Judged
from logbook.suggesting import suggestion_due
from logbook_schemas.checklist.catalogue import RULES
from logbook_schemas.checklist.ranking import rank
from logbook_schemas.checklist.replay import judge_run, known_moments
from logbook_schemas.checklist.rule import Evidence, Rule
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import MOMENTS, Finding
from logbook_schemas.records.judgements import FindingChange, JudgeDocument, JudgedRun, JudgementRecord
from logbook_schemas.records.stored import plain

if TYPE_CHECKING:
    from pathlib import Path

    from logbook.store.reader import Reader
    from logbook_schemas.records.runs import RunRecord

__all__ = ["judge_runs"]

_BATCH = 50
"""Runs whose judgements are written in one transaction: one wait for the disk, and a short hold of the lock."""

_MARK = "explained_by"
"""Set anew whenever findings are ranked: no part of what a rule says."""


def judge_runs(
    references: Sequence[str] = (),
    *,
    every: bool = False,
    name: str | None = None,
    rule: str | None = None,
    dry_run: bool = False,
    logbook: str | None = None,
    tell: Callable[[str, int, int], None] = lambda *_: None,
) -> JudgeDocument:
    """Judge runs again, by all rules or by one, and record what differs unless it is a `dry_run`.

    What is due to be suggested of a run's outcome is recorded, too: a person's verdict stands over it.

    `tell` is told how many of how many runs are done. Raises UsageError where no run is named, NotFoundError for
    a run, name or rule that isn't there, StoreError where the logbook can't be written.
    """
    if bool(references) + every + (name is not None) != 1:
        raise UsageError("say which runs to judge, in one way: RUN…, --name NAME or --all")
    rules = RULES if rule is None else (rule_named(rule),)
    folder = locate(logbook)
    document = JudgeDocument(dry_run=dry_run)
    with open_reader(folder) as reader:
        numbers = _numbers(reader, references, name)
        judge = _Judge(reader, rules)
        for start in range(0, len(numbers), _BATCH):
            batch = [judge.judge(number) for number in numbers[start : start + _BATCH]]
            if not dry_run:
                batch = _write(folder, reader, batch)
            document = _with(document, [one.told for one in batch])
            tell("runs", start + len(batch), len(numbers))
    return document


class _Judgement(NamedTuple):
    """A run that was judged: what is told of it, and what is to be recorded, where anything is."""

    told: JudgedRun
    record: Judged | None = None


class _Judge:
    """Judges one run after the other; what several have in common is read once."""

    def __init__(self, reader: Reader, rules: Sequence[Rule]) -> None:
        self._reader, self._rules = reader, rules
        self._past = Past(reader)
        self._configs: dict[str, RunConfig | None] = {}
        self._codes = {rule.code for rule in rules}
        self._record = JudgementRecord(release=_release(), rules={rule.code: rule.version for rule in rules})

    def judge(self, number: int) -> _Judgement:
        """Return what the rules say of a run now, beside what stands of it."""
        with self._reader.connection():  # the run and the place of its last row are of one moment
            last_row = self._reader.last_row(number)
            run = self._reader.run(number)
        about = _about(run)
        if run.summary.status == "running":
            return _Judgement(about.model_copy(update={"skipped": "it is running, and is judged as it goes"}))
        findings = self._findings(run)
        told = _compared(about, run.findings, findings)
        due = suggestion_due(run, findings, self._reader.all_findings(number))
        if due is not None:
            told = told.model_copy(update={"suggestion": due.change})
        if not told.differs:
            return _Judgement(told)
        record = Judged(
            number=number,
            attempt=run.attempts[-1].number if run.attempts else 1,
            last_row=last_row,
            judgement=self._record if told.has_other_findings else None,
            findings=findings if told.has_other_findings else (),
            suggestion=due.entry if due is not None else None,
        )
        return _Judgement(told, record)

    def _findings(self, run: RunRecord) -> tuple[Finding, ...]:
        """Return all findings that the run has now: what the rules say, and what they had nothing to judge by for."""
        evidence = self._evidence(run)
        moments = known_moments(evidence)
        kept = [one for one in run.findings if one.moment not in moments or not self._judges(one)]
        found = [*kept, *judge_run(self._rules, evidence)]
        return tuple(sorted(rank(found), key=lambda finding: MOMENTS.index(finding.moment)))

    def _judges(self, finding: Finding) -> bool:
        """Say whether it is for these rules to say whether a finding still stands; a rule that is gone says nothing."""
        return finding.code in self._codes or len(self._codes) == len(RULES)

    def _evidence(self, run: RunRecord) -> Evidence:
        config = self._config(run.summary.config_hash)
        has_data = run.data is not None and bool(run.data.splits)
        # An end record that an earlier attempt left says nothing of an attempt that went on after it.
        last = run.attempts[-1].status if run.attempts else run.summary.status
        return Evidence(
            config=config,
            data=run.data if has_data else None,
            start=run.start,
            epochs=run.epochs,
            end=run.end if run.end is not None and run.end.status == last else None,
            history=self._past.as_of(run.summary, run.start_of_run, run.data) if config is not None else None,
        )

    def _config(self, config_hash: str) -> RunConfig | None:
        if config_hash not in self._configs:
            config = thawed(self._reader.frozen(config_hash))
            self._configs[config_hash] = config if isinstance(config, RunConfig) else None
        return self._configs[config_hash]


def _numbers(reader: Reader, references: Sequence[str], name: str | None) -> list[int]:
    if references:
        return list(dict.fromkeys(reader.resolve(reference) for reference in references))
    numbers = [run.number for run in reader.runs(name=name, newest_first=False)]
    if name is not None and not numbers:
        raise NotFoundError(_no_such_name(reader, name))
    return numbers


def _no_such_name(reader: Reader, name: str) -> str:
    from logbook_schemas.reading import nearest

    near = nearest(name, {run.name for run in reader.runs()})
    return f"no run of the name {name!r}; {f'did you mean {near!r}?' if near else 'logbook ls lists the runs'}"


def _about(run: RunRecord) -> JudgedRun:
    summary = run.summary
    return JudgedRun(id=summary.id, words=summary.words, name=summary.name, version=summary.version)


def _compared(about: JudgedRun, before: Sequence[Finding], after: Sequence[Finding]) -> JudgedRun:
    """Return what differs between two judgements of a run; a finding is the same one by its code and place."""
    was = {(one.code, one.where): one for one in before}
    now = {(one.code, one.where): one for one in after}
    both = [(was[key], now[key]) for key in now if key in was]
    changed = tuple(FindingChange(before=old, after=new) for old, new in both if _said(old) != _said(new))
    return about.model_copy(
        update={
            "new": tuple(one for key, one in now.items() if key not in was),
            "changed": changed,
            "gone": tuple(one for key, one in was.items() if key not in now),
            "same": len(both) - len(changed),
        }
    )


def _said(finding: Finding) -> dict[str, object]:
    """Return a finding as it is stored, less the mark of its ranking."""
    return {name: value for name, value in plain(finding).items() if name != _MARK}


def _write(folder: Path, reader: Reader, batch: Sequence[_Judgement]) -> list[_Judgement]:
    """Record the judgements of a batch; a run that has changed since it was read is skipped, and says so."""
    records = [one.record for one in batch if one.record is not None]
    if not records:
        return list(batch)
    with open_writer(folder) as writer:
        written = set(writer.append_judgements(records))
    return list(_as_written(batch, written, reader))


def _as_written(batch: Sequence[_Judgement], written: set[int], reader: Reader) -> Iterator[_Judgement]:
    for one in batch:
        if one.record is None:
            yield one
        elif one.record.number not in written:
            why = "something was recorded of it meanwhile; judge it again"
            bare = {"skipped": why, "new": (), "changed": (), "gone": (), "same": 0, "suggestion": None}
            yield _Judgement(one.told.model_copy(update=bare))
        elif one.record.judgement is None:
            yield one
        else:
            count = reader.judgements(one.record.number)[-1].number
            yield one._replace(told=one.told.model_copy(update={"judgement": count}))


def _with(document: JudgeDocument, told: Sequence[JudgedRun]) -> JudgeDocument:
    """Return the document with more runs in it."""
    listed = [one for one in told if one.differs or one.skipped]
    skipped = sum(bool(one.skipped) for one in told)
    changes = [one.suggestion for one in told if one.suggestion is not None]
    return document.model_copy(
        update={
            "runs": (*document.runs, *listed),
            "judged": document.judged + len(told) - skipped,
            "skipped": document.skipped + skipped,
            "new": document.new + sum(len(one.new) for one in told),
            "changed": document.changed + sum(len(one.changed) for one in told),
            "gone": document.gone + sum(len(one.gone) for one in told),
            "same": document.same + sum(one.same for one in told),
            "suggested": document.suggested + sum(change.after is not None for change in changes),
            "taken_back": document.taken_back + sum(change.after is None for change in changes),
        }
    )


def _release() -> str:
    from importlib import metadata

    try:
        return metadata.version("training-logbook")
    except metadata.PackageNotFoundError:
        return ""
