"""The catalogue as a whole: every rule, its examples, its documentation and its name."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import logbook_schemas.checklist.rules
from logbook_schemas.checklist.catalogue import RULES, check_names, find_rule, judge_moment, rule_names
from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.records.findings import MOMENTS
from logbook_schemas.records.measures import ArrayRecord

RULES_FOLDER = Path(logbook_schemas.checklist.rules.__file__).parent
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


@each_rule
def test_a_bad_example_fires(rule):
    findings = list(rule.judge(rule.bad()))
    assert findings
    for finding in findings:
        assert (finding.code, finding.name, finding.moment) == (rule.code, rule.name, rule.moment)
        assert finding.message.endswith((".", "?"))
        assert finding.where
        assert finding.expected
        assert finding.remedy.endswith(".")


@each_rule
def test_a_good_example_is_silent(rule):
    assert list(rule.judge(rule.good())) == []


@each_rule
def test_a_rule_is_silent_where_nothing_is_known(rule):
    assert list(rule.judge(Evidence())) == []


@each_rule
def test_a_rule_says_the_same_again_on_the_same_evidence(rule):
    bad = rule.bad()
    assert list(rule.judge(bad)) == list(rule.judge(bad))


@each_rule
def test_documentation_has_its_headings_in_order(rule):
    places = [
        rule.doc.find(f"\n\n{heading}") for heading in ("What it checks:", "Why it matters:", "Instead:", "Source:")
    ]
    assert -1 not in places
    assert places == sorted(places)


@each_rule
def test_documentation_cites_what_the_findings_cite(rule):
    documented = " ".join(rule.doc.split("Source:")[1].split())
    cited = re.findall(r"S\d-\d\d|C\d+", rule.source)
    assert cited
    assert sorted(re.findall(r"S\d-\d\d|C\d+", documented)) == sorted(cited)
    for guide in re.findall(r"(?:^|; )(.*?) \(", rule.source):
        assert guide in documented


@each_rule
def test_a_name_is_the_bad_pattern(rule):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert not re.match(r"(no|not|dont|disallow|forbid|check|ensure|require|use|avoid)-(?!better-than)", rule.name)
    assert rule.code[0] in "BDEGHILMRT"
    assert re.fullmatch(r"[A-Z]\d{3}", rule.code)
    assert rule.moment in MOMENTS


def test_files_under_rules_are_the_catalogue():
    files = {path.stem.replace("_", "-") for path in RULES_FOLDER.glob("*/*.py") if path.stem != "__init__"}
    assert len(files) > 0
    assert files == {rule.name for rule in RULES}


def test_codes_and_names_are_unique_and_sorted():
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_codes_of_released_rules_stay():
    assert find_rule("D101").name == "unscaled-inputs"


def test_every_explained_rule_exists_and_none_explains_itself_at_any_remove():
    explains = {rule.name: rule.explains for rule in RULES}
    for name in explains:
        reached, waiting = set(), list(explains[name])
        while waiting:
            symptom = waiting.pop()
            assert symptom in explains
            if symptom not in reached:
                reached.add(symptom)
                waiting.extend(explains[symptom])
        assert name not in reached


@pytest.mark.parametrize("name", ["D101", "d101", "unscaled-inputs", " Unscaled-Inputs "])
def test_a_rule_is_found_by_name_and_by_code(name):
    assert find_rule(name).code == "D101"


def test_an_unknown_rule_is_none():
    assert find_rule("D999") is None
    assert find_rule("") is None
    assert {"D101", "unscaled-inputs"} <= set(rule_names())


def named_wrongly(**checks):
    return check_names(config(checks=checks).checks)


def test_ignoring_an_unknown_rule_is_said_with_the_nearest_name():
    problems = named_wrongly(ignore={"unscaled-input": "sparse", "D101": "sparse", "zzzzzz": "why not"})
    assert [path for path, _ in problems] == [("checks", "ignore")] * 2
    assert "'unscaled-inputs'" in problems[0][1]
    assert "'zzzzzz'" in problems[1][1]


def test_the_severity_of_an_unknown_rule_is_said():
    [(path, message)] = named_wrongly(severity={"unscaled-input": "note", "D101": "note"})
    assert path == ("checks", "severity")
    assert "'unscaled-inputs'" in message


def test_an_unknown_threshold_is_said_with_the_nearest_name():
    [(path, message)] = named_wrongly(thresholds={"D101": {"larges": 30.0, "largest": 40.0}})
    assert path == ("checks", "thresholds", "D101")
    assert "'largest'" in message


@pytest.mark.parametrize("called", ["learning-rate-out-of-bounds", "L101"])
def test_a_config_sets_the_severity_of_a_rule(called):
    milder = config(optimizer={"kind": "adam", "lr": 0.5}, checks={"severity": {called: "note"}})
    [finding] = judge_moment(evidence(config=milder), "config")
    assert finding.severity == "note"


def test_a_config_sets_a_threshold_of_a_rule():
    rule = find_rule("unscaled-inputs")
    bearing = config(checks={"thresholds": {"unscaled-inputs": {"largest": 50.0}}})
    wide = data(inputs=ArrayRecord(mean=3.0, std=1.0, min=-30.0, max=30.0, quantile_995=6.0))
    assert list(rule.judge(evidence(data=wide)))
    assert not list(rule.judge(evidence(config=bearing, data=wide)))


@each_rule
def test_every_threshold_says_what_it_bounds(rule):
    for name, threshold in rule.thresholds.items():
        assert name.isidentifier()
        assert len(threshold.about) > 10


def test_an_ignored_finding_keeps_the_reason():
    ignoring = config(optimizer={"kind": "adam", "lr": 0.5}, checks={"ignore": {"L101": "a linear model bears it"}})
    [finding] = judge_moment(evidence(config=ignoring), "config")
    assert finding.ignored == "a linear model bears it"


def test_the_catalogue_imports_no_heavy_library():
    program = (
        "import sys, logbook_schemas.checklist.catalogue;"
        "heavy = {'torch', 'numpy', 'sqlite3', 'sqlmodel', 'sklearn', 'git'} & set(sys.modules);"
        "sys.exit(f'imports {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_judging_a_config_takes_less_than_50_milliseconds():
    judged = evidence(config=config(optimizer={"kind": "adam", "lr": 0.5}))
    judge_moment(judged, "config")
    began = time.perf_counter()
    judge_moment(judged, "config")
    assert time.perf_counter() - began < 0.05


def test_a_config_of_ones_own_loop_is_no_evidence_yet():
    assert OwnConfig(name="mine").kind == "own"
    assert judge_moment(Evidence(), "config") == ()
