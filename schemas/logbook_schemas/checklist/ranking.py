"""How findings are ranked and folded: one cause, one finding. Apart from what a rule is, since showing judges nothing.

Where a rule said the same of the same place twice, since it had become graver, the graver one stands.

Which finding comes first, when several have none that explains them:

1. One that isn't ignored.
2. The one that accounts for the gravest: a cause weighs as much as the gravest symptom that is folded under it. A
   learning rate that is merely unusual comes first once the loss is NaN.
3. One that says something of this run: that the recipe was tried before (topic history) is no cause of what happened.
4. The graver one itself: an error says that it can't work, so an error of the wiring, measured on this very model,
   comes before a warning on the config that accounts for as much.
5. The one that accounts for more kinds of the warnings and errors that there are: what happened speaks for it. A
   warning on style that accounts for nothing stands behind.
6. The earlier moment (config, data, start, epoch, end): it is nearer to the cause than what comes of it. Among notes
   the later moment: what was measured of this training says more than a remark on its plan or its data.
7. Its code, then where it is, so that the order is the same each time.

A symptom is folded under one cause: of those that explain it the gravest, then the one that accounts for most, then
the earliest; and under the cause behind them where one of them explains another. So a note is the cause of an error
only where no warning and no error explains it. Symptoms stand behind all causes of their weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from logbook_schemas.checklist.heard import standing
from logbook_schemas.checklist.topics import topic_of
from logbook_schemas.records.findings import MOMENTS, SEVERITIES, Finding

__all__ = ["Cause", "fold", "grave", "most_probable", "rank"]

_NOTE = SEVERITIES.index("note")
_Strength = tuple[bool, int, int, int, int]


class Cause(NamedTuple):
    """A finding that nothing explains, and what is folded under it: symptoms, and the same rule at other places."""

    finding: Finding
    symptoms: tuple[Finding, ...] = ()

    @property
    def is_grave(self) -> bool:
        """Whether it is more than worth knowing: it, or a symptom of it, is a warning or an error."""
        return any(one.severity != "note" for one in (self.finding, *self.symptoms))


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by cause: the most probable cause first, its symptoms after it, ignored ones last.

    Each names in `explained_by` the code of what accounts for it, which stands before it. The order in which the
    findings are given changes nothing.
    """
    return tuple(finding for finding, _ in _ranked(findings))


def fold(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Return the causes, the most probable first, each with what is folded under it; ignored findings stand alone.

    Other places where the rule of a cause found the same are folded under the first of them.
    """
    folded: dict[tuple[str, ...] | int, list[Finding]] = {}
    heads: dict[int, tuple[str, ...] | int] = {}
    for place, (finding, root) in enumerate(_ranked(findings)):
        if finding.ignored is not None:
            folded[place] = [finding]
            continue
        key = heads.setdefault(root, (finding.code, finding.severity))
        folded.setdefault(key, []).append(finding)
    return tuple(Cause(first, tuple(rest)) for first, *rest in folded.values())


def most_probable(findings: Iterable[Finding]) -> Finding | None:
    """Return the most probable cause; None where there is nothing but notes and what is ignored."""
    live = (cause for cause in fold(findings) if cause.finding.ignored is None)
    return next((cause.finding for cause in live if cause.is_grave), None)


def grave(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a person must see at once: warnings and errors, and a note that accounts for some."""
    ranked = rank(findings)
    leading = {cause.finding.code for cause in fold(ranked) if cause.is_grave}
    explaining = {finding.explained_by for finding in ranked if finding.severity != "note" and not finding.ignored}
    return tuple(
        finding
        for finding in ranked
        if finding.ignored is None
        and (finding.severity != "note" or (finding.code in leading and finding.code in explaining))
    )


def _ranked(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Return the findings in order, each with the place of the cause that it is folded under."""
    listed = sorted(standing(findings), key=_name)
    live = [place for place, finding in enumerate(listed) if finding.ignored is None]
    explained = _explained(listed, live)
    strength = _strengths(listed, live, explained)
    parents = _parents(listed, live, explained, strength)
    ways = {place: _way_up(place, parents) for place in live}
    weights = dict.fromkeys(live, _NOTE)
    for place in live:
        for above in ways[place]:
            weights[above] = min(weights[above], _severity(listed[place]))
    live.sort(key=lambda place: (weights[place], len(ways[place]), strength[place]))
    ranked = [(_marked(listed[place], parents.get(place), listed), ways[place][-1]) for place in live]
    ignored = [place for place, finding in enumerate(listed) if finding.ignored is not None]
    for place in sorted(ignored, key=strength.__getitem__):
        causes = [cause for cause in live if listed[place].code in explained[cause]]
        ranked.append((_marked(listed[place], min(causes, key=strength.__getitem__, default=None), listed), place))
    return ranked


def _explained(listed: Sequence[Finding], live: Sequence[int]) -> dict[int, set[str]]:
    """Return the codes of the other findings that each live one accounts for by itself."""
    codes: dict[str, str] = {}
    for finding in listed:
        codes |= {finding.name: finding.code, finding.code: finding.code}
    return {
        place: {codes[name] for name in listed[place].explains if name in codes} - {listed[place].code}
        for place in live
    }


def _parents(
    listed: Sequence[Finding], live: Sequence[int], explained: Mapping[int, set[str]], strength: Sequence[_Strength]
) -> dict[int, int]:
    """Return, for each finding that another explains, the one that it is folded under.

    Rules that explain each other make no circle: the strongest of them stands on its own.
    """
    below = _by_code(listed, explained)
    parents: dict[int, int] = {}
    for place in sorted(live, key=strength.__getitem__, reverse=True):
        causes = [cause for cause in live if listed[place].code in explained[cause]]
        codes = {listed[cause].code for cause in causes}
        behind = {code for code in codes if any(code in below[one] and one not in below[code] for one in codes)}
        for cause in sorted(causes, key=lambda cause: (listed[cause].code in behind, strength[cause])):
            if place not in _way_up(cause, parents):
                parents[place] = cause
                break
    return parents


def _way_up(place: int, parents: Mapping[int, int]) -> list[int]:
    """Return a finding, what it is folded under, and so on to the cause that nothing explains."""
    way = [place]
    while way[-1] in parents:
        way.append(parents[way[-1]])
    return way


def _strengths(listed: Sequence[Finding], live: Sequence[int], explained: Mapping[int, set[str]]) -> list[_Strength]:
    """Return what each finding is measured by as a cause, apart from what is folded under it: the least is strongest.

    The list is sorted by code and place, so that the index settles what is left.
    """
    below = _by_code(listed, explained)
    grave = {listed[place].code for place in live if _severity(listed[place]) < _NOTE}
    reach = {place: len((_closure(explained[place], below) & grave) - {listed[place].code}) for place in live}
    return [
        (
            topic_of(finding.code) == "history",
            _severity(finding),
            -reach.get(place, 0),
            MOMENTS.index(finding.moment) * (-1 if finding.severity == "note" else 1),
            place,
        )
        for place, finding in enumerate(listed)
    ]


def _by_code(listed: Sequence[Finding], explained: Mapping[int, set[str]]) -> dict[str, set[str]]:
    """Return what the findings of each code account for together."""
    below: dict[str, set[str]] = {finding.code: set() for finding in listed}
    for place, codes in explained.items():
        below[listed[place].code] |= codes
    return below


def _closure(codes: Iterable[str], below: Mapping[str, set[str]]) -> set[str]:
    """Return all codes that some lead to, themselves too; a circle ends by itself."""
    found: set[str] = set()
    due = [*codes]
    while due:
        one = due.pop()
        if one not in found:
            found.add(one)
            due += below[one]
    return found


def _marked(finding: Finding, cause: int | None, listed: Sequence[Finding]) -> Finding:
    """Return the finding with the code of the one that accounts for it."""
    code = None if cause is None else listed[cause].code
    return finding if finding.explained_by == code else finding.model_copy(update={"explained_by": code})


def _severity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _name(finding: Finding) -> tuple[str, ...]:
    # What the mark of a former ranking says plays no part; all the rest settles ties.
    rest = repr([value for name, value in finding if name != "explained_by"])
    return (finding.code, finding.where, finding.moment, finding.severity, finding.message, rest)
