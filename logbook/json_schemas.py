"""The JSON Schemas of what people write and what commands print: for editors and for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbook.errors import NotFoundError
from logbook.files import writing

if TYPE_CHECKING:
    from logbook_schemas.records.base import Record

__all__ = ["SCHEMAS", "json_schema", "write_json_schema"]

SCHEMAS = {
    "config": "the config that `logbook run` takes",
    "run": "show --json, and run --json of one run",
    "code": "show --code --json",
    "rerun": "rerun --json",
    "runs": "ls --json, search --json: the summaries of runs",
    "saved-searches": "search --list --json",
    "sql": "sql --json",
    "export": "export --json: the rows of a table",
    "progress": "progress --json",
    "refused": "run --json of a run that was stopped before training",
    "check": "check --json",
    "judge": "judge --json",
    "diff": "diff --json",
    "compare": "compare --json",
    "tried": "tried --json",
    "importance": "importance --json",
    "rule": "rule NAME --json",
    "rules": "rule --json",
    "log": "log NAME --json",
    "predict": "predict --json",
    "fsck": "fsck --json",
    "backup": "backup --json",
    "redact": "redact --json",
    "gc": "gc --json",
    "error": "any command with --json that fails",
}
"""The documents there are, and which command prints each."""


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document; NotFoundError for a name that isn't there."""
    if name == "config":
        from logbook_schemas.config.json_schema import config_schema

        return config_schema()
    if name not in SCHEMAS:
        from logbook_schemas.reading.spelling import nearest

        near = nearest(name, SCHEMAS)
        meant = f"; did you mean {near!r}?" if near else f"; there are {', '.join(SCHEMAS)}"
        raise NotFoundError(f"there is no schema {name!r}{meant}")
    about = f"logbook: {SCHEMAS[name]}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": about} | {
        key: value for key, value in _models()[name].model_json_schema(mode="serialization").items() if key != "title"
    }


def write_json_schema(name: str, path: Path) -> None:
    """Write the JSON Schema of a document to a file; UsageError where that can't be written."""
    text = json.dumps(json_schema(name), indent=2, ensure_ascii=False)
    with writing(path):
        path.write_text(f"{text}\n", encoding="utf-8")


def _models() -> dict[str, type[Record]]:
    from logbook_schemas.records import documents, upkeep
    from logbook_schemas.records.comparison import Comparison
    from logbook_schemas.records.difference import Diff
    from logbook_schemas.records.importance import Importance
    from logbook_schemas.records.judgements import JudgeDocument
    from logbook_schemas.records.precedents import TriedDocument
    from logbook_schemas.records.predictions import PredictDocument
    from logbook_schemas.records.progress import ProgressDocument
    from logbook_schemas.records.reruns import CodeDocument, RerunDocument
    from logbook_schemas.records.searches import ExportDocument, SavedSearchesDocument, SqlDocument
    from logbook_schemas.records.versions import VersionTree

    return {
        "run": documents.RunDocument,
        "code": CodeDocument,
        "rerun": RerunDocument,
        "runs": documents.RunsDocument,
        "saved-searches": SavedSearchesDocument,
        "sql": SqlDocument,
        "export": ExportDocument,
        "progress": ProgressDocument,
        "refused": documents.RefusedDocument,
        "check": documents.CheckDocument,
        "judge": JudgeDocument,
        "diff": Diff,
        "compare": Comparison,
        "tried": TriedDocument,
        "importance": Importance,
        "rule": documents.RuleDocument,
        "rules": documents.RulesDocument,
        "log": VersionTree,
        "predict": PredictDocument,
        "fsck": documents.FsckDocument,
        "backup": upkeep.BackupDocument,
        "redact": upkeep.RedactDocument,
        "gc": upkeep.GcDocument,
        "error": documents.ErrorDocument,
    }
