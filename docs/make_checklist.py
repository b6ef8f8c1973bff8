"""Write `docs/checklist.md`: each row of advice of the five guides, and what holds it: a rule, a default, a procedure.

    python docs/make_checklist.py            write it
    python docs/make_checklist.py --check    say whether it is current

The rows are in `docs/checklist/rows.toml`. That a row is a rule isn't believed but computed: a rule cites it. Each
place in a config is looked up in the JSON Schema: one that doesn't exist is an error.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this file knows its own folder alone

from docs.config_places import find_place, sourced_fields  # noqa: E402
from logbook_schemas.checklist.catalogue import RULES  # noqa: E402
from logbook_schemas.checklist.guides import GUIDES  # noqa: E402
from logbook_schemas.checklist.rule import Rule  # noqa: E402
from logbook_schemas.config.json_schema import config_schema  # noqa: E402

__all__ = ["KINDS", "Row", "checklist_page", "read_contradictions", "read_rows"]

PAGE = ROOT / "docs/checklist.md"
_FOLDER = ROOT / "docs/checklist"
_ROW = re.compile(r"S\d-\d\d|C\d+")
_INTRODUCTION = """# The checklist

Made by `docs/make_checklist.py`. Five guides on what to do when a network doesn't learn, {rows} pieces of advice, in
our own words. Each is a *rule*, judged in every run at one of five moments; a *default* of the config or a feature of
the program; a *procedure*, for the doctor that is to come; or *documentation*, which nothing measures. Where a config
says what a row speaks of stands beside it; [config.md](config.md) explains these places. `logbook rule CODE` prints a
rule whole. What the guides contradict each other on stands [at the end](#contradictions).
"""

KINDS: Mapping[str, str] = {
    "rule": "judged by a rule",
    "default": "a default of the config, or a feature",
    "procedure": "a step that a person takes, guided",
    "documentation": "told, and not measured",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A piece of advice: what the table holds it to be, and what it is. `is_awaited`: its rule isn't there yet."""

    id: str
    advice: str
    number: str
    why: str
    places: tuple[str, ...]
    held: str
    rules: tuple[Rule, ...]
    defaults: tuple[str, ...]
    is_awaited: bool

    @property
    def kind(self) -> str:
        """What the row is: a rule where one cites it, a default where a field does, else what the table says."""
        if self.rules:
            return "rule"
        return "default" if self.held == "documentation" and self.defaults else self.held


def main() -> None:
    """Write the page, or with `--check` compare it."""
    page = checklist_page()
    if "--check" in sys.argv:
        is_current = PAGE.read_text(encoding="utf-8") == page
        sys.exit(0 if is_current else "docs/checklist.md is old: python docs/make_checklist.py")
    PAGE.write_text(page, encoding="utf-8")


def read_rows() -> list[Row]:
    """Return the rows in the order of the guides."""
    table = _read("rows.toml")
    awaited = set(table.pop("awaited"))
    defaults = [(place, _ROW.findall(source)) for place, source in sourced_fields(config_schema())]
    return [
        Row(
            id=f"{guide}-{number}",
            advice=entry["advice"],
            number=entry.get("number", ""),
            why=entry.get("why", ""),
            places=tuple(entry.get("places", ())),
            held=entry["kind"],
            rules=rules_citing(f"{guide}-{number}"),
            defaults=tuple(place for place, rows in defaults if f"{guide}-{number}" in rows),
            is_awaited=f"{guide}-{number}" in awaited,
        )
        for guide, entries in table.items()
        for number, entry in entries.items()
    ]


def read_contradictions() -> dict[str, dict[str, Any]]:
    """Return what the guides disagree on, by row."""
    return _read("contradictions.toml")


def rules_citing(row: str) -> tuple[Rule, ...]:
    """Return the rules that name a row as their source."""
    return tuple(rule for rule in RULES if row in _ROW.findall(rule.source))


def checklist_page() -> str:
    """Return the page; LookupError for a place that no config has."""
    rows, schema = read_rows(), config_schema()
    return "\n".join(
        [
            _INTRODUCTION.format(rows=len(rows)),
            *_counts(rows),
            *(line for guide in GUIDES for line in _guide(guide, rows, schema)),
            *_rules(),
            *_contradictions(schema),
        ]
    )


def _counts(rows: list[Row]) -> Iterator[str]:
    counted = Counter(row.kind for row in rows)
    yield from ("| | rows | |", "|---|---|---|")
    yield from (f"| {kind} | {counted[kind]} | {about} |" for kind, about in KINDS.items())
    yield f"| *all* | {len(rows)} | judged by {len(RULES)} [rules](#rules) |\n"


def _guide(guide: str, rows: list[Row], schema: dict[str, Any]) -> Iterator[str]:
    own = [row for row in rows if row.id.startswith(f"{guide}-")]
    if not own:
        return
    yield f"## {guide}: {GUIDES[guide]}\n"
    yield "| row | advice | number | what it is | where a config says it |"
    yield "|---|---|---|---|---|"
    for row in own:
        cells = (row.id, row.advice, row.number, _what(row), _places(row.places or row.defaults, schema))
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")
    yield ""


def _what(row: Row) -> str:
    if row.rules:
        return f"rule: {_links(row.rules)}"
    return f"{row.kind}{' (awaited)' if row.is_awaited else ''}{f': {row.why}' if row.why else ''}"


def _links(rules: tuple[Rule, ...]) -> str:
    return ", ".join(f"[{rule.code}](#{rule.code.lower()})" for rule in rules)


def _places(places: tuple[str, ...] | list[str], schema: dict[str, Any]) -> str:
    for place in places:
        find_place(schema, place)
    return ", ".join(f"`{place}`" for place in places)


def _rules() -> Iterator[str]:
    yield "## Rules\n"
    yield "| code | rule | moment | severity | what is wrong | rows |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES:
        file = f"../schemas/{rule.check.__module__.replace('.', '/')}.py"
        yield (
            f'| <a id="{rule.code.lower()}"></a>{rule.code} | [{rule.name}]({file}) | {rule.moment} | {rule.severity}'
            f" | {rule.title} | {', '.join(_ROW.findall(rule.source))} |"
        )
    yield ""


def _contradictions(schema: dict[str, Any]) -> Iterator[str]:
    yield '<a id="contradictions"></a>\n\n## Where the guides contradict each other\n'
    yield "A rule warns only where they agree, or where a measurement on the run itself decides.\n"
    yield "| row | topic | what they say | which way the default goes | how rules treat it | rules | where |"
    yield "|---|---|---|---|---|---|---|"
    for row, entry in read_contradictions().items():
        said = (entry["topic"], entry["views"], entry["default"], entry["rules"])
        cells = (row, *said, _links(rules_citing(row)), _places(entry["places"], schema))
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |")
    yield ""


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
