"""Real trainings judged again: what was found while they ran is what their records say afterwards."""

from __future__ import annotations

import json
import re

import pytest

from tests.running.conftest import write_config

FAULTY = {
    "too fast": {"data": {"inputs": []}, "optimizer": {"kind": "sgd", "lr": 0.5}},
    "diverged": {"data": {"inputs": []}, "optimizer": {"kind": "sgd", "lr": 0.09}, "loss": "cross-entropy"},
    "standing still": {"optimizer": {"kind": "sgd", "lr": 1e-7}, "training": {"epochs": 12}},
    "healthy": {"model": {"hidden": [16]}},
    "ignored": {"data": {"inputs": []}, "checks": {"ignore": {"D101": "the inputs are small"}}},
    "set otherwise": {
        "data": {"inputs": []},
        "checks": {"severity": {"D101": "note"}, "thresholds": {"unscaled-inputs": {"largest": 40}}},
    },
}


def test_real_runs_say_afterwards_what_they_said_while_they_ran(logbook, folder):
    for name, changes in FAULTY.items():
        write_config(folder, {"name": name.replace(" ", "-"), **changes})
        logbook("run", "cfg.json", "--quiet")
    logbook("run", "cfg.json", "--quiet")  # a repetition, of which the past has something to say
    told = logbook("judge", "--all", "--json").json
    assert (told["judged"], told["skipped"]) == (len(FAULTY) + 1, 0)
    assert told["runs"] == []
    assert told["same"] >= 6


def test_a_resumed_run_says_the_same_again(logbook, folder):
    (folder / "once.py").write_text(
        "import os, torch\n"
        "class Fails(torch.nn.Linear):\n"
        "    calls = 0\n"
        "    def forward(self, x):\n"
        "        Fails.calls += 1\n"
        "        if not os.path.exists('mended') and Fails.calls > 150:\n"
        "            raise ValueError('once')\n"
        "        return super().forward(x)\n"
        "def net(input_shape, output_size):\n"
        "    return torch.nn.Sequential(torch.nn.Flatten(), Fails(64, output_size))\n"
    )
    write_config(
        folder, {"model": {"kind": "python", "target": "once:net"}, "training": {"epochs": 5, "device": "cpu"}}
    )
    assert logbook("run", "cfg.json", "--quiet").status == 1
    assert logbook("judge", "@").status == 0
    (folder / "mended").touch()
    resumed = logbook("resume", "@", "--quiet")
    assert resumed.status == 0, resumed.err
    run = logbook("show", "@", "--json").json
    assert (run["status"], len(run["attempts"])) == ("finished", 2)
    assert logbook("judge", "@", "--json").json["runs"] == []


def test_the_first_line_is_the_most_probable_cause(logbook, folder):
    write_config(folder, {"data": {"inputs": []}, "optimizer": {"kind": "sgd", "lr": 0.09}})
    ended = logbook("run", "cfg.json")
    last = [line for line in ended.err.splitlines() if line.startswith("most likely cause")]
    shown = logbook("show", "@")
    document = logbook("show", "@", "--json").json
    assert document["findings"][0]["name"] == "unscaled-inputs"
    assert last == [shown.out.splitlines()[0]] == [document["cause"]]
    assert "D101 unscaled-inputs" in document["cause"]
    assert "--set 'data.inputs=[" in document["cause"]
    causes = [one for one in document["findings"] if one["explained_by"] is None and one["severity"] != "note"]
    assert shown.out.count("\nwarning ") == len(causes)
    full = logbook("show", "@", "--full").out
    assert full.count("\n    why: ") == len([one for one in document["findings"] if one["why"]])


def test_a_healthy_run_has_no_cause(logbook, folder):
    write_config(folder)
    ended = logbook("run", "cfg.json")
    assert "cause" not in ended.err
    assert logbook("show", "@", "--json").json["cause"] == ""
    assert logbook("show", "@").out.startswith("r1 ")


@pytest.mark.parametrize(
    ("option", "severity"),
    [("checks.severity.D101=error", "error"), ("checks.severity.d101=note", "note")],
)
def test_a_severity_can_be_set_on_the_command_line(logbook, folder, option, severity):
    write_config(folder, {"data": {"inputs": []}})
    checked = logbook("check", "cfg.json", "--data", "--json", "--set", option)
    found = {one["code"]: one for one in checked.json["findings"]}["D101"]
    assert (found["severity"], found["settings"]) == (severity, {"severity": severity})
    assert checked.status == (1 if severity == "error" else 0)


def test_a_threshold_can_be_set_on_the_command_line_and_is_recorded(logbook, folder):
    write_config(folder, {"data": {"inputs": []}})
    low = logbook("check", "cfg.json", "--data", "--json", "--set", "checks.thresholds.D101.largest=15").json
    assert {one["code"]: one for one in low["findings"]}["D101"]["settings"] == {"largest": 15}
    logbook("run", "cfg.json", "--quiet", "--set", "checks.thresholds.D101.largest=15")
    run = logbook("show", "@", "--json").json
    assert run["config"]["checks"]["thresholds"] == {"D101": {"largest": 15}}
    assert "set by the config's checks: largest 15" in logbook("show", "@").out


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ({"severity": {"unscaled-inptus": "note"}}, "unscaled-inputs"),
        ({"thresholds": {"unscaled-imputs": {"largest": 40}}}, "unscaled-inputs"),
        ({"thresholds": {"D101": {"largets": 40}}}, "largest"),
    ],
)
def test_a_misspelt_rule_or_threshold_is_an_error_with_its_line(logbook, folder, checks, expected):
    write_config(folder, {"checks": checks})
    refused = logbook("check", "cfg.json")
    assert refused.status == 2
    assert expected in refused.err
    assert "cfg.json:" in refused.err


def test_a_rule_set_to_error_stops_a_run_unless_it_is_forced(logbook, folder):
    write_config(folder, {"data": {"inputs": []}, "checks": {"severity": {"D101": "error"}}})
    refused = logbook("run", "cfg.json", "--json")
    assert (refused.status, refused.json["status"]) == (1, "refused")
    assert logbook("run", "cfg.json", "--force", "--quiet").status == 0


def test_a_rule_of_an_epoch_set_to_error_is_shown_and_stops_a_strict_run(logbook, folder):
    still = {"optimizer": {"kind": "sgd", "lr": 1e-7}, "training": {"epochs": 12}}
    ignore = {"L101": "to see what comes of it"}
    write_config(folder, {**still, "checks": {"severity": {"T102": "error"}, "ignore": ignore}})
    assert logbook("run", "cfg.json").status == 0
    found = {one["code"]: one for one in logbook("show", "@", "--json").json["findings"]}
    assert found["T102"]["severity"] == "error"
    write_config(folder, {**still, "checks": {"severity": {"T102": "error"}, "ignore": ignore}})
    # The first run never beat a constant answer: that it looks like a dead end is a warning, which --strict stops at.
    assert "H101" in logbook("run", "cfg.json", "--strict", "--set", "training.seed=1").err
    stopped = logbook("run", "cfg.json", "--strict", "--again", "--set", "training.seed=1")
    assert stopped.status == 1
    assert logbook("show", "@", "--json").json["reason"].startswith("stopped by --strict")


def test_notes_are_counted_in_run_and_listed_in_show(logbook, folder):
    checks = {"severity": {"D101": "note"}, "ignore": {"M203": "it comes of the raw inputs"}}
    write_config(folder, {"data": {"inputs": []}, "checks": checks})
    ended = logbook("run", "cfg.json")
    assert "unscaled-inputs" not in ended.err
    assert re.search(r"findings .*\bnotes?\b", ended.err)
    assert "note D101 unscaled-inputs at data.inputs: " in logbook("show", "@").out
    assert json.loads(logbook("rule", "D101", "--json").out)["statistics"]["statuses"] == {"finished": 1}
