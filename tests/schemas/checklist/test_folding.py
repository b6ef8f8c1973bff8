"""The order of findings holds whatever they are, and each cause carries what follows from it."""

from hypothesis import given
from hypothesis import strategies as st

from logbook_schemas.checklist.heard import Heard, standing
from logbook_schemas.checklist.ranking import fold, most_probable, rank
from logbook_schemas.records.findings import MOMENTS, SEVERITIES
from tests.schemas.checklist.judging import finding

CODES = ("A", "B", "C", "D", "E", "F")


findings = st.lists(
    st.builds(
        finding,
        st.sampled_from(CODES),
        st.sampled_from(SEVERITIES),
        moment=st.sampled_from(MOMENTS),
        explains=st.lists(st.sampled_from([code.lower() for code in CODES]), max_size=3, unique=True).map(tuple),
        ignored=st.one_of(st.none(), st.none(), st.just("on purpose")),
        where=st.sampled_from(("", "fc1", "fc2")),
    ),
    max_size=9,
)


def order(*found):
    return [one.code for one in rank(found)]


def bare(found):
    return sorted(repr(one.model_copy(update={"explained_by": None})) for one in found)


@given(findings, st.randoms())
def test_the_order_given_changes_nothing(found, random):
    mixed = list(found)
    random.shuffle(mixed)
    assert rank(mixed) == rank(found)
    assert fold(mixed) == fold(found)
    assert rank(rank(found)) == rank(found)


@given(findings)
def test_every_finding_stands_once_and_ignored_ones_last(found):
    ranked = rank(found)
    assert bare(ranked) == bare(standing(found))
    flags = [one.ignored is not None for one in ranked]
    assert flags == sorted(flags)


@given(findings)
def test_what_explains_a_finding_stands_before_it(found):
    before = set()
    for one in rank(found):
        if one.explained_by is not None:
            assert one.explained_by in before
        if one.ignored is None:
            before.add(one.code)


@given(findings)
def test_folding_loses_nothing_and_begins_with_the_first(found):
    ranked, causes = rank(found), fold(found)
    assert bare(one for cause in causes for one in (cause.finding, *cause.symptoms)) == bare(standing(found))
    assert [cause.finding for cause in causes[:1]] == list(ranked[:1])
    heads = [(cause.finding.code, cause.finding.severity) for cause in causes if cause.finding.ignored is None]
    assert len(heads) == len(set(heads))
    assert all(cause.finding.explained_by is None for cause in causes if cause.finding.ignored is None)


@given(findings)
def test_a_grave_finding_has_a_most_probable_cause_that_leads_the_list(found):
    grave = any(one.severity != "note" and one.ignored is None for one in found)
    cause = most_probable(found)
    assert (cause is not None) == grave
    if cause is not None:
        assert cause == rank(found)[0]


@given(findings)
def test_nothing_grave_stands_behind_a_cause_of_nothing_but_notes(found):
    grave = [cause.is_grave for cause in fold(found) if cause.finding.ignored is None]
    assert grave == sorted(grave, reverse=True)


def test_what_explains_more_of_what_was_seen_comes_before_an_earlier_warning_that_explains_nothing():
    style = finding("A", moment="config")
    wiring = finding("W", moment="start", explains=("t", "u"))
    assert order(style, wiring, finding("T", moment="epoch"), finding("U", moment="end")) == ["W", "A", "T", "U"]


def test_explaining_more_kinds_counts_and_not_more_places():
    many = finding("A", moment="start", explains=("t",))
    kinds = finding("B", moment="start", explains=("t", "u"))
    places = [finding("T", moment="epoch", where=where) for where in "abc"]
    assert order(many, kinds, *places, finding("U", moment="end"))[:2] == ["B", "A"]


def test_explaining_notes_counts_for_nothing():
    assert order(finding("A", moment="config"), finding("B", moment="data", explains=("n",)), finding("N", "note"))[
        :2
    ] == ["A", "B"]


def test_an_error_of_the_wiring_comes_before_a_warning_that_explains_as_much():
    rate = finding("L", moment="config", explains=("t",))
    wiring = finding("M", "error", moment="start", explains=("t",))
    assert order(rate, wiring, finding("T", "error", moment="epoch")) == ["M", "T", "L"]


def test_that_it_was_tried_before_is_no_cause_of_what_happened():
    before = finding("H101", "error", moment="config")
    rate, nan = finding("L", moment="config", explains=("t",)), finding("T", "error", moment="end")
    assert order(before, rate, nan) == ["L", "H101", "T"]
    assert order(before, finding("A")) == ["H101", "A"]


def test_a_note_leads_only_where_nothing_graver_explains_the_same():
    note, symptom = finding("N", "note", explains=("t",)), finding("T", "error", moment="end")
    assert order(note, symptom) == ["N", "T"]
    assert most_probable([note, symptom]).code == "N"
    assert order(note, symptom, finding("W", explains=("t",))) == ["W", "T", "N"]


def test_several_notes_don_t_all_rise_with_what_one_of_them_explains():
    notes = [finding(code, "note", explains=("t",)) for code in "NOP"]
    assert order(*notes, finding("T", moment="end"), finding("W", moment="data")) == ["W", "N", "T", "O", "P"]


def test_a_symptom_of_a_symptom_is_folded_under_the_cause_of_both():
    cause = finding("L", explains=("g", "t"))
    layers = finding("G", "error", moment="epoch", explains=("t",))
    (folded,) = fold([finding("T", "error", moment="end"), layers, cause])
    assert (folded.finding.code, [one.code for one in folded.symptoms]) == ("L", ["G", "T"])
    assert {one.explained_by for one in folded.symptoms} == {"L"}


def test_one_rule_at_several_places_is_one_cause():
    causes = fold([finding("M", where="fc1"), finding("M", where="fc2"), finding("A")])
    assert [(one.finding.code, [other.where for other in one.symptoms]) for one in causes] == [
        ("A", []),
        ("M", ["fc2"]),
    ]


def test_many_findings_are_ranked_at_once():
    layers = [
        finding(code, moment="epoch", where=f"layer{n}", explains=("b", "c")) for code in "ABC" for n in range(60)
    ]
    assert len(rank(layers)) == 180


def test_what_has_become_graver_is_said_again_and_stands_alone():
    mild, grave_one, elsewhere = finding("A", "note"), finding("A", "warning"), finding("A", "note", where="there")
    heard = Heard([mild])
    assert [
        heard.is_news(one.code, one.where, one.severity) for one in (mild, grave_one, grave_one, mild, elsewhere)
    ] == [
        False,
        True,
        False,
        False,
        True,
    ]
    assert standing([mild, grave_one, elsewhere]) == [grave_one, elsewhere]
