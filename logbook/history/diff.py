"""What sets two configs, codes, environments, data sets or repositories apart, path by path.

Values are compared as JSON means them: 1 and 1.0 are one number, 1 and true are not. The answers are made with
`model_construct`: their parts were validated where they came from, and building validators would take longer than
the comparison does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from logbook.history.marks import is_under, paths_without_effect
from logbook_schemas.config.leaves import flatten, unit_of
from logbook_schemas.records.difference import Change, CodeDiff, DataDiff, FileChange, Kind, Verdict
from logbook_schemas.records.stored import plain

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook_schemas.records.data import DataRecord
    from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, FingerprintRecord, GitRecord

__all__ = [
    "diff_code",
    "diff_configs",
    "diff_data",
    "diff_environment",
    "diff_git",
    "distributions_of",
    "environment_verdict",
    "kinds_differ",
    "same_value",
]

_OWN_VALUES = frozenset({"values"})
ENVIRONMENT_NOISE = frozenset({"host", "user", "pid", "command_line", "cwd", "captured_at"})
GIT_NOISE = frozenset({"captured_at", "root", "remote", "branch", "reason", "diff_bytes", "left_out", "untracked"})
"""What differs from one clone to the next; the code itself is compared by its sources."""


def diff_configs(left: dict[str, JsonValue], right: dict[str, JsonValue]) -> tuple[Change, ...]:
    """Return the paths that differ, those that can change the result first.

    Of two kinds of config, one of them of a person's own loop, only what both have and the own loop's values: each
    of our settings would else be told as missing there.
    """
    quiet_left, quiet_right = paths_without_effect(left, right), paths_without_effect(right, left)
    changes = _changes(dict(flatten(left)), dict(flatten(right)))
    if kinds_differ(left, right):
        changes = tuple(change for change in changes if change.kind == "changed" or is_under(change.path, _OWN_VALUES))
    return in_order(
        change.model_copy(
            update={
                "matters": not is_under(change.path, quiet_left if change.kind == "removed" else quiet_right),
                "unit": unit_of(change.path),
            }
        )
        for change in changes
    )


def kinds_differ(left: dict[str, JsonValue], right: dict[str, JsonValue]) -> bool:
    """Say whether one config is of a person's own loop and the other isn't."""
    return (left.get("kind") == "own") is not (right.get("kind") == "own")


def same_value(left: JsonValue, right: JsonValue) -> bool:
    """Say whether two JSON values mean the same: numbers by value, and a bool is no number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    # A NaN differs from itself, and is the same finding all the same.
    return left == right or (left != left and right != right)


def diff_code(left: CodeRecord, right: CodeRecord, *, blobs: Mapping[str, bytes] | None = None) -> CodeDiff:
    """Return the files and packages that differ; with the blobs at hand, each file's unified diff."""
    files = tuple(
        FileChange.model_construct(
            path=change.path, kind=change.kind, text=_file_diff(change.path, left, right, blobs or {})
        )
        for change in _changes(dict(left.files), dict(right.files))
    )
    packages = _changes(dict(left.packages), dict(right.packages))
    return CodeDiff.model_construct(verdict=_code_verdict(left, right), files=files, packages=packages)


def diff_environment(
    left: EnvironmentRecord, right: EnvironmentRecord, *, blobs: Mapping[str, bytes] | None = None
) -> tuple[Change, ...]:
    """Return what differs in machine and installation; hosts, folders and command lines are marked as noise."""
    return _record_changes(
        _environment_leaves(left, blobs or {}), _environment_leaves(right, blobs or {}), noise=ENVIRONMENT_NOISE
    )


def environment_verdict(left: EnvironmentRecord | None, right: EnvironmentRecord | None) -> Verdict:
    """Say whether two runs had the same machine and installation, noise apart."""
    if left is None or right is None:
        return "unknown"
    return "different" if any(change.matters for change in diff_environment(left, right)) else "same"


def diff_git(left: GitRecord, right: GitRecord) -> tuple[Change, ...]:
    """Return what differs in the state of the repository: commit, uncommitted changes, branch."""
    return _record_changes(_git_leaves(left), _git_leaves(right), noise=GIT_NOISE)


def _git_leaves(git: GitRecord) -> dict[str, Any]:
    """Return the state of the repository with untracked files by name: one line for them, not four for each."""
    return {**plain(git), "untracked": [file.path for file in git.untracked]}


def diff_data(left: DataRecord | None, right: DataRecord | None) -> DataDiff:
    """Say whether two runs saw the same data, as far as their fingerprints tell."""
    if left is None or right is None:
        return DataDiff.model_construct(verdict="unknown", reason="one of the two has no record of its data")
    names = [*left.splits, *(name for name in right.splits if name not in left.splits)]
    splits = {name: _split_verdict(left, right, name) for name in names}
    whole = _fingerprints(left.fingerprint, right.fingerprint)
    verdicts = {whole, *splits.values()}
    verdict: Verdict = "different" if "different" in verdicts else "unknown" if "unknown" in verdicts else "same"
    reason = "" if verdict == "same" else _data_reason(left, right, whole, splits)
    return DataDiff.model_construct(verdict=verdict, reason=reason, splits=splits)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Put what matters first and leave the order of the paths alone otherwise."""
    return tuple(sorted(changes, key=lambda change: not change.matters))


def _changes(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs between two flat mappings, in the order of the left one, additions at their end."""
    changes = []
    for path in [*left, *(path for path in right if path not in left)]:
        if path in left and path in right and same_value(left[path], right[path]):
            continue
        if _is_filled_in(path, left, right) or _is_filled_in(path, right, left):
            continue
        kind: Kind = "removed" if path not in right else "added" if path not in left else "changed"
        changes.append(Change.model_construct(path=path, kind=kind, left=left.get(path), right=right.get(path)))
    return tuple(changes)


def _is_filled_in(path: str, empty: Mapping[str, Any], full: Mapping[str, Any]) -> bool:
    """Say whether one side has an empty object or list where the other has leaves, which tell the difference."""
    return empty.get(path) in ({}, []) and path not in full and any(is_under(one, frozenset({path})) for one in full)


def _record_changes(left: dict[str, Any], right: dict[str, Any], *, noise: frozenset[str]) -> tuple[Change, ...]:
    changes = _changes(dict(flatten(left)), dict(flatten(right)))
    return in_order(
        change.model_copy(update={"matters": False}) if is_under(change.path, noise) else change for change in changes
    )


def _file_diff(path: str, left: CodeRecord, right: CodeRecord, blobs: Mapping[str, bytes]) -> str:
    """Return the unified diff of a file; empty where the content of a side isn't at hand."""
    import difflib

    sides = [_content(record, path, blobs) for record in (left, right)]
    if any(side is None for side in sides):
        return ""
    old, new = ((side or b"").decode("utf-8", errors="replace").splitlines() for side in sides)
    return "\n".join(difflib.unified_diff(old, new, fromfile=f"a/{path}", tofile=f"b/{path}", lineterm=""))


def _content(record: CodeRecord, path: str, blobs: Mapping[str, bytes]) -> bytes | None:
    """Return what a file held; nothing at all where the run didn't have it, None where it wasn't kept."""
    if path not in record.files:
        return b""
    return blobs.get(record.blob_of(path) or "")


def _code_verdict(left: CodeRecord, right: CodeRecord) -> Verdict:
    if not left.identity or not right.identity:
        return "unknown"
    return "same" if left.identity == right.identity else "different"


def _environment_leaves(record: EnvironmentRecord, blobs: Mapping[str, bytes]) -> dict[str, Any]:
    """Return an environment as JSON, the list of distributions in place of its hash where it is at hand."""
    leaves: dict[str, Any] = plain(record)
    body = blobs.get(record.distributions_blob or "")
    if body is not None:
        del leaves["distributions_blob"]
        leaves["packages"] = distributions_of(body)
    return leaves


def distributions_of(body: bytes) -> dict[str, str]:
    """Read a list of distributions, one `name==version` a line."""
    lines = body.decode("utf-8", errors="replace").splitlines()
    return {name: version for name, _, version in (line.partition("==") for line in lines)}


def _fingerprints(left: FingerprintRecord | None, right: FingerprintRecord | None) -> Verdict:
    from logbook_schemas.records.provenance import same

    verdict = same(left, right) if left is not None and right is not None else None
    return "unknown" if verdict is None else "same" if verdict else "different"


def _split_verdict(left: DataRecord, right: DataRecord, name: str) -> Verdict:
    if name not in left.splits or name not in right.splits:
        return "different"
    one, other = left.splits[name], right.splits[name]
    verdict = _fingerprints(one.fingerprint, other.fingerprint)
    return "different" if verdict == "unknown" and one.rows != other.rows else verdict


def _data_reason(left: DataRecord, right: DataRecord, whole: Verdict, splits: Mapping[str, Verdict]) -> str:
    if whole == "unknown" and left.fingerprint and right.fingerprint:
        methods = (left.fingerprint.method, right.fingerprint.method)
        if methods[0] != methods[1]:
            return f"fingerprints by different methods ({methods[0]} and {methods[1]}) can't be compared"
    differing = [name for name, verdict in splits.items() if verdict == "different"]
    if differing:
        return f"{', '.join(differing)} differ{'s' if len(differing) == 1 else ''}"
    return "the content of the source differs" if whole == "different" else "there is no fingerprint to compare"
