"""The statements that read, as text: a test prepares each one against the migrated tables."""

from __future__ import annotations

from logbook.store.packing import unpacked_column
from logbook.store.summaries import SUMMARY_COLUMNS

SUMMARIES = f"SELECT {SUMMARY_COLUMNS} FROM summary"
NEWEST_FIRST = f"{SUMMARIES} ORDER BY run_id DESC LIMIT ?"
OLDEST_FIRST = f"{SUMMARIES} ORDER BY run_id LIMIT ?"
NEWEST_FIRST_OF_NAME = f"{SUMMARIES} WHERE name = ? ORDER BY run_id DESC LIMIT ?"
OLDEST_FIRST_OF_NAME = f"{SUMMARIES} WHERE name = ? ORDER BY run_id LIMIT ?"
OF_RECIPE = f"{SUMMARIES} WHERE recipe_hash = ? ORDER BY run_id DESC"
OF_RECIPES = f"{SUMMARIES} WHERE recipe_hash IN (SELECT value FROM json_each(?)) ORDER BY run_id DESC"
RECIPES_OF = "SELECT id, recipe_hash FROM version WHERE id IN (SELECT value FROM json_each(?))"
AMONG = f"{SUMMARIES} WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id"
RUNNING = "SELECT run_id, uuid FROM summary WHERE status = 'running'"
COUNT_RUNS = "SELECT count(*) FROM summary"

ATTEMPTS = (
    "SELECT attempt.payload, attempt.at, attempt_end.payload, attempt_end.at FROM attempt LEFT JOIN attempt_end"
    " ON attempt_end.run_id = attempt.run_id AND attempt_end.number = attempt.number"
    " WHERE attempt.run_id = ? ORDER BY attempt.number"
)
NEWEST_RECORD = (
    f"SELECT {unpacked_column('record')} FROM record WHERE run_id = ? AND moment = ? ORDER BY seq DESC LIMIT 1"
)
ALL_EPOCHS = f"SELECT {unpacked_column('epoch')} FROM epoch WHERE run_id = ? ORDER BY seq"
SERIES = "SELECT series FROM epoch WHERE run_id = ? AND phase = ? AND epoch = ? ORDER BY attempt DESC LIMIT 1"

CONFIG_BODY = f"SELECT hash, {unpacked_column('config')} FROM config WHERE hash = ?"
CONFIGS_FROM = "SELECT hash FROM config WHERE hash >= ? AND hash < ? ORDER BY hash LIMIT 3"
CONFIG_OF_RUN = CONFIG_BODY.replace("hash = ?", "id = (SELECT config_id FROM run WHERE id = ?)")
VERSIONS = (
    "SELECT version.name, version.number, version.recipe_hash, config.hash, parent.number, version.created_at,"
    " coalesce(nullif(parent.name, version.name), '') FROM version JOIN config ON config.id = version.config_id"
    " LEFT JOIN version AS parent ON parent.id = version.parent_id WHERE version.name = ? ORDER BY version.number"
)
VERSION_BODY = (
    f"SELECT config.hash, {unpacked_column('config')} FROM version JOIN config ON config.id = version.config_id"
    " WHERE version.name = ? AND version.number = ?"
)
VERSION_OF_FILE = (
    "SELECT version.number FROM run JOIN version ON version.id = run.version_id WHERE version.name = ?"
    f" AND json_extract({unpacked_column('run')}, '$.config_folder') = ?"
    f" AND json_extract({unpacked_column('run')}, '$.config_file') = ?"
    " ORDER BY run.id DESC LIMIT 1"
)
RUNS_OF_MODULE = (
    "SELECT DISTINCT run.id, leaf.txt FROM config_path AS path JOIN config_leaf AS leaf ON leaf.path_id = path.id"
    " JOIN run ON run.config_id = leaf.config_id"
    " WHERE path.path LIKE '%target' AND leaf.txt >= ?1 || ':' AND leaf.txt < ?1 || ';' ORDER BY run.id DESC"
)
"""Targets are written `module:callable`; the semicolon is what comes behind the colon."""
BLOB = (
    "SELECT redaction.at, codec, blob.size, body FROM blob LEFT JOIN redaction ON redaction.blob_hash = blob.hash"
    " WHERE blob.hash = ?"
)

RULE_FIRED = (
    f"{SUMMARIES} WHERE run_id IN (SELECT run_id FROM standing_finding WHERE code = ?1 OR name = ?1)"
    " ORDER BY run_id DESC"
)
RULE_IGNORED = (
    "SELECT count(DISTINCT run_id) FROM standing_finding f WHERE (code = ?1 OR name = ?1)"
    f" AND json_extract({unpacked_column('finding', 'f')}, '$.ignored') IS NOT NULL"
)
JUDGEMENTS = "SELECT payload, at FROM judgement WHERE run_id = ? ORDER BY number"
ALL_FINDINGS = f"SELECT {unpacked_column('finding')} FROM finding WHERE run_id = ? ORDER BY seq"

SAVED_SEARCHES = (
    "SELECT name, query, sort, columns, at, author FROM saved_search"
    " WHERE id IN (SELECT max(id) FROM saved_search GROUP BY name) AND query <> '' ORDER BY name"
)

RUN_STANDS = "SELECT run_id FROM summary WHERE run_id = ?"
NTH_NEWEST = "SELECT run_id FROM summary ORDER BY run_id DESC LIMIT 1 OFFSET ?"
RUN_OF_WORDS = "SELECT id FROM run WHERE words = ?"
NEWEST_OF_NAME = "SELECT run_id FROM summary WHERE name = ? ORDER BY run_id DESC LIMIT 1"
NEWEST_OF_VERSION = "SELECT run_id FROM summary WHERE name = ? AND version = ? ORDER BY run_id DESC LIMIT 1"
NEWEST_OF_CONFIG = "SELECT run_id FROM summary WHERE config_hash = ? ORDER BY run_id DESC LIMIT 1"
UUIDS_FROM = "SELECT id FROM run WHERE uuid >= ? AND uuid < ? ORDER BY id DESC LIMIT 4"
BEST_OF_NAME = (
    "WITH newest AS (SELECT monitor_metric, monitor_mode FROM summary WHERE name = ?1 ORDER BY run_id DESC LIMIT 1)"
    " SELECT run_id FROM summary, newest WHERE name = ?1 AND summary.monitor_metric = newest.monitor_metric"
    " AND best_value IS NOT NULL"
    " ORDER BY CASE newest.monitor_mode WHEN 'max' THEN -best_value ELSE best_value END, run_id LIMIT 1"
)
ALL_NAMES = "SELECT DISTINCT name FROM version"
ALL_WORDS = "SELECT words FROM run ORDER BY id DESC LIMIT 10000"
