"""A run beside the run that it makes again: are the losses the same, and if not, what else is not?

Floating-point sums depend on the order of their terms, so that another processor, number of threads or release of
torch gives other last digits, which training enlarges. Losses are therefore told apart in three ways: the same to the
bit, within a stated relative tolerance, different.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from logbook.history.diff import diff_code, diff_data, diff_environment, distributions_of
from logbook_schemas.records.reruns import CodePlace, LossComparison, LossDifference, PackageChange, RerunDocument
from logbook_schemas.records.summary import ENDED

if TYPE_CHECKING:
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.difference import Change, CodeDiff, Verdict
    from logbook_schemas.records.measures import EpochRecord
    from logbook_schemas.records.runs import RunRecord

__all__ = ["TOLERANCE", "compare_losses", "repetition"]

TOLERANCE = 1e-4
"""Relative difference up to which losses that are not the same to the bit count as the same."""

_LOSSES = ("train_loss", "train_loss_eval", "val_loss")
_BROKEN_OFF = ("failed", "interrupted", "crashed", "running")
"""Ends that say nothing of the training itself."""


def repetition(
    past: RunRecord,
    now: RunRecord,
    *,
    place: CodePlace,
    blobs: Mapping[str, bytes],
    tolerance: float = TOLERANCE,
    restored: Mapping[str, str | None] | None = None,
) -> RerunDocument:
    """Return what came of making a run again; `blobs` are the sources and lists of packages that the two name."""
    assert past.start_of_run is not None
    assert now.start_of_run is not None
    then, here = past.start_of_run, now.start_of_run
    losses = compare_losses(past, now, tolerance=tolerance)
    is_same = losses.verdict in ("identical", "within-tolerance") and _ended_alike(past, now)
    last = now.attempts[-1] if now.attempts else None
    return RerunDocument(
        of=past.summary.id,
        run=now.summary.id,
        same=is_same,
        sentence=_sentence(past, now, losses),
        status_then=past.summary.status,
        status=now.summary.status,
        reason=(last.error.message if last.error else last.reason) if last else "",
        place=place,
        code=_code(past, now, blobs),
        data=diff_data(past.data, now.data),
        packages=tuple(_packages(then, here, blobs)),
        environment=tuple(_machine(then, here)),
        restored=dict(restored or {}),
        device_then=_device(past),
        device=_device(now),
        losses=losses,
        weights=_weights(past, now),
        remarks=tuple(_remarks(past, now, losses)),
    )


def compare_losses(past: RunRecord, now: RunRecord, *, tolerance: float = TOLERANCE) -> LossComparison:
    """Compare the losses of the epochs that both have, in order, to the first that differs."""
    before = {(record.phase, record.epoch): record for record in past.epochs}
    after = {(record.phase, record.epoch): record for record in now.epochs}
    shared = [key for key in before if key in after]
    identical = within = 0
    largest = 0.0
    first = None
    for key in shared:
        differences = list(_differences(before[key], after[key]))
        beyond = next((one for one, size in differences if size > tolerance), None)
        if beyond is not None:
            first = beyond
            break
        if not differences and identical == within:
            identical += 1
        within += 1
        largest = max([largest, *(size for _, size in differences)])
    reason = _missing(past, now, len(before), len(after)) or ("" if shared else "there is no epoch that both have")
    verdict = "different" if first is not None or (shared and _lacks_epochs(past, now, len(before), len(after))) else ""
    if not verdict:
        verdict = "unknown" if not shared else "identical" if identical == len(shared) else "within-tolerance"
    return LossComparison.model_validate(
        {
            "verdict": verdict,
            "tolerance": tolerance,
            "epochs": len(shared),
            "identical_through": identical,
            "within_through": within,
            "largest": largest,
            "first": first,
            "reason": reason,
        }
    )


def _differences(before: EpochRecord, after: EpochRecord) -> Iterator[tuple[LossDifference, float]]:
    """Yield each loss that is not the same to the bit, with the relative size of the difference."""
    for name in _LOSSES:
        then, now = getattr(before, name), getattr(after, name)
        if _has_same_bits(then, now):
            continue
        told = LossDifference(phase=before.phase, epoch=before.epoch, name=name, then=then, now=now)
        yield told, _size(then, now)


def _has_same_bits(then: float | None, now: float | None) -> bool:
    """Say whether two losses are one value, NaN and NaN too; 0.0 and -0.0 are not."""
    if then is None or now is None:
        return then is now
    return repr(then) == repr(now)


def _size(then: float | None, now: float | None) -> float:
    """Return the relative difference of two values; infinite where one of them isn't finite, or isn't there."""
    if then == now:
        return 0.0
    if then is None or now is None or not (math.isfinite(then) and math.isfinite(now)):
        return math.inf
    return abs(then - now) / max(abs(then), abs(now))


def _lacks_epochs(past: RunRecord, now: RunRecord, before: int, after: int) -> bool:
    """Say whether one of them ended before the other although neither was broken off."""
    if now.summary.status in _BROKEN_OFF or _is_timed(past):
        return False
    return before > after if past.summary.status in _BROKEN_OFF else before != after


def _is_timed(run: RunRecord) -> bool:
    """Say whether the clock ends the training: then the number of epochs is a matter of the machine's load."""
    training = run.config.get("training")
    return isinstance(training, dict) and training.get("time_limit") is not None


def _missing(past: RunRecord, now: RunRecord, before: int, after: int) -> str:
    if before == after:
        return ""
    if _lacks_epochs(past, now, before, after):
        return f"{past.summary.id} has {_epochs(before)}, {now.summary.id} {after}"
    short = past if before < after else now
    if short.summary.status not in _BROKEN_OFF:
        return f"{past.summary.id} has {_epochs(before)}, {now.summary.id} {after}: training.time_limit ends them"
    return f"{short.summary.id} was {short.summary.status} after {_epochs(min(before, after))}"


def _ended_alike(past: RunRecord, now: RunRecord) -> bool:
    """Say whether the rerun ended as the run did, or went on where that was broken off."""
    then, here = past.summary.status, now.summary.status
    if here == then:
        return here != "interrupted"
    return here in (*ENDED, "diverged") and then in _BROKEN_OFF


def _sentence(past: RunRecord, now: RunRecord, losses: LossComparison) -> str:
    one, other = past.summary.id, now.summary.id
    through = f"through {_place(past, losses.within_through)}"
    if losses.verdict == "identical":
        said = f"the losses are identical to the bit {through}"
    elif losses.verdict == "within-tolerance":
        said = f"the losses are within a relative {losses.tolerance:g} {through}, not identical to the bit"
    elif losses.first is not None:
        said = f"the losses are different from {_named(losses.first)} on"
    elif losses.verdict == "different":
        said = f"the losses are the same {through}, and then one ends: {losses.reason}"
    else:
        said = f"the losses can't be compared: {losses.reason}"
    if losses.verdict != "unknown" and now.summary.status in _BROKEN_OFF and now.summary.status != past.summary.status:
        said += f"; {other} {_ended(now)}"
    return f"{other} is a rerun of {one}: {said}"


def _ended(run: RunRecord) -> str:
    return "failed" if run.summary.status == "failed" else f"is {run.summary.status}"


def _place(run: RunRecord, count: int) -> str:
    """Name the epoch that is the count-th of a run."""
    if not count:
        return "no epoch"
    record = run.epochs[count - 1]
    return _named(LossDifference(phase=record.phase, epoch=record.epoch, name=""))


def _named(place: LossDifference) -> str:
    return f"epoch {place.epoch}" if place.phase == "train" else f"epoch {place.epoch} of {place.phase}"


def _epochs(count: int) -> str:
    return f"{count} epoch{'' if count == 1 else 's'}"


def _code(past: RunRecord, now: RunRecord, blobs: Mapping[str, bytes]) -> CodeDiff:
    """Return what differs of the code. Which packages our own process loads beside it says nothing of the code.

    Nor does a file that a rerun didn't come to load: where it failed before its first epoch, these are left out.
    """
    assert past.start_of_run is not None
    assert now.start_of_run is not None
    found = diff_code(past.start_of_run.code, now.start_of_run.code, blobs=blobs)
    packages = tuple(one for one in found.packages if one.kind == "changed")
    files = found.files
    if now.summary.status == "failed" and not now.epochs:
        files = tuple(file for file in found.files if file.kind != "removed")
    verdict = "unknown" if len(files) < len(found.files) and not files else found.verdict
    return found.model_copy(update={"verdict": verdict, "files": files, "packages": packages})


def _packages(then: StartOfRun, here: StartOfRun, blobs: Mapping[str, bytes]) -> Iterator[PackageChange]:
    """Yield the packages whose versions differ, those that were loaded first."""
    lists = [start.environment.distributions_blob for start in (then, here)]
    if lists[0] is not None and lists[0] == lists[1]:
        return
    before, after = (_installed(start, blobs) for start in (then, here))
    if any(start.environment.distributions_blob not in blobs for start in (then, here)):
        shared = before.keys() & after.keys()  # of what was loaded, only that by both says which version there was
        before, after = ({name: one[name] for name in shared} for one in (before, after))
    loaded = {_normalized(name) for start in (then, here) for name in start.code.packages}
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    for name in sorted(changed, key=lambda one: one not in loaded):
        yield PackageChange(name=name, then=before.get(name), now=after.get(name), loaded=name in loaded)


def _installed(start: StartOfRun, blobs: Mapping[str, bytes]) -> dict[str, str]:
    """Return what was installed; where that list isn't at hand, what was loaded."""
    body = blobs.get(start.environment.distributions_blob or "")
    if body is None:
        return {_normalized(name): version for name, version in start.code.packages.items()}
    return distributions_of(body)


def _normalized(name: str) -> str:
    """Return a distribution's name as lists of what is installed have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _machine(then: StartOfRun, here: StartOfRun) -> Iterator[Change]:
    """Yield what differs of the machine and can change a result; packages are told by name elsewhere."""
    for change in diff_environment(then.environment, here.environment):
        if change.matters and change.path != "distributions_blob":
            yield change


def _device(run: RunRecord) -> str:
    return next((attempt.device for attempt in run.attempts if attempt.device), "")


def _weights(past: RunRecord, now: RunRecord) -> Verdict:
    before, after = (run.end.weights_hash if run.end else None for run in (past, now))
    if before is None or after is None or past.summary.epochs != now.summary.epochs:
        return "unknown"
    return "same" if before == after else "different"


def _remarks(past: RunRecord, now: RunRecord, losses: LossComparison) -> Iterator[str]:
    assert past.start_of_run is not None
    assert now.start_of_run is not None
    before, after = past.start_of_run.initial_weights, now.start_of_run.initial_weights
    if before is not None and after is not None and before.weights_hash != after.weights_hash:
        yield "the checkpoint that the initial weights come from has changed since"
    training = past.config.get("training")
    if isinstance(training, dict) and training.get("deterministic") is False:
        yield "training.deterministic is false: the same losses to the bit were not asked for"
    named = {name for run in (past, now) if run.end for name in run.end.nondeterministic}
    if named:
        yield f"no deterministic kernel: {', '.join(sorted(named))}"
    then = past.start_of_run
    is_unexplained = losses.verdict == "different" and diff_data(past.data, now.data).verdict != "different"
    if is_unexplained and then.code.files and "PYTHONHASHSEED" not in then.environment.variables:
        yield "PYTHONHASHSEED was not set: where code goes by the order of a set of texts, each process has another"
    if len(past.attempts) > 1:
        yield f"{past.summary.id} was made in {len(past.attempts)} attempts; the rerun is one"
