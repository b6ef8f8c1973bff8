"""The case study under `examples/case_study` runs, and the logbook's commands tell its story by themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

STORY = Path(__file__).resolve().parents[1] / "examples" / "case_study"


class Told:
    """The store that `tell.sh` filled, what it printed, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, folder / "store"
        self.environment = {**os.environ, "LOGBOOK_STORE": str(self.store), "OMP_NUM_THREADS": "1"}
        self.environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        (folder / "bin").mkdir()
        script = folder / "bin" / "logbook"  # the command as it is installed, of the Python that runs this test
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m logbook_cli "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        shutil.copytree(STORY, folder / "case_study", ignore=shutil.ignore_patterns(".logbook"))
        self.ran = self._ask(["sh", str(folder / "case_study" / "tell.sh")])

    def logbook(self, *words: str) -> str:
        asked = self._ask(["logbook", *words])
        assert asked.returncode == 0, asked.stderr
        return asked.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.logbook(*words, "--json"))

    def versions(self) -> dict[int, dict[str, Any]]:
        return {version["number"]: version for version in self.json("log", "river-level")["versions"]}

    def _ask(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )


def test_the_script_has_each_config_in_order() -> None:
    configs = sorted(path.stem for path in STORY.glob("*.json"))
    assert len(configs) == 11
    tried = re.findall(r"^try (\w+)", (STORY / "tell.sh").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert tried == configs


def the_first_run_does_not_learn_and_the_checklist_names_the_cause(told: Told) -> None:
    shown = told.logbook("show", "r1")
    assert shown.startswith("most likely cause: I101 unscaled-initial-weights")
    losses = [told.json("show", run)["best"]["val_loss"] for run in ("r1", "r2", "r3")]
    assert min(losses) > 0.5  # always answering the mean costs 1.03


def what_is_near_a_dead_end_is_stopped(told: Told) -> None:
    (refused,) = re.findall(r"^error: refused: .*$", told.ran.stderr, flags=re.MULTILINE)
    assert "r5 is a dead end: decayed too early" in refused
    assert "the cause is still there" in refused


def each_config_is_a_version_that_says_where_it_comes_from_and_how_it_ended(told: Told) -> None:
    versions = told.versions()
    assert list(versions) == list(range(1, 12))
    assert all(version["hypothesis"] for version in versions.values())
    parents = [version["parent"] and int(version["parent"].partition("@")[2]) for version in versions.values()]
    assert parents == [None, 1, 2, 3, 2, 5, 6, 7, 8, 8, 10]
    outcomes = [version["outcome"] for version in versions.values()]
    assert outcomes == ["baseline", *["dead-end"] * 6, "promising", "done", "dead-end", "inconclusive"]
    assert all(version["outcome_by"] == "person" and version["outcome_reason"] for version in versions.values())


def each_step_does_what_is_told_of_it(told: Told) -> None:
    versions = told.versions()
    best = {number: version["best_value"] for number, version in versions.items()}
    mean = 1.03
    assert min(best[number] for number in (2, 3, 4, 5)) > mean
    assert best[3] > best[4] > best[2]
    assert best[6] > 1e30
    assert best[7] is None
    assert versions[7]["status"] == "diverged"
    assert best[8] < 0.1
    assert best[9] < 0.1
    assert best[11] < 0.1
    assert best[10] > 2 * best[8]
    still = told.json("show", "river-level@6")["epochs"]
    losses = [epoch["train_loss"] for epoch in still]
    assert max(losses) / min(losses) < 1.001
    clipped = told.json("show", "river-level@2")["findings"]
    assert "constantly-clipped-gradients" in [finding["name"] for finding in clipped]


def log_tells_the_story_in_order(told: Told) -> None:
    text = told.logbook("log", "river-level")
    parts = [
        "river-level@1 ",
        "baseline: hardly better",
        "gradients.clip.kind none → norm",
        "hypothesis: The rate fell too early; later drops leave time to learn.",
        "model.normalization.kind batch → none\n",
        "dead-end: batch normalization hid it",
        "gradients.clip.kind norm → none\n",
        "diverged",
        "dead-end: clipping masked it",
        "model.init.kind normal → he",
        "promising: the initial weights were the cause",
        "├─river-level@9 ",
        "done: as good as a constant rate",
        "dead-end: decayed too early again",
        "inconclusive: ",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def compare_says_what_the_seeds_make_of_it(told: Told) -> None:
    ends = told.logbook("compare", "river-level@1", "river-level@9")
    assert "over 3 seeds" in ends
    assert "logarithmic axis" in ends
    assert not re.search(r"^data\.inputs\[0\]\.groups", ends, flags=re.MULTILINE)  # null on both sides
    assert "doesn't exceed the noise between seeds" in told.logbook("compare", "river-level@8", "river-level@9")
    quick = told.logbook("compare", "river-level@8", "river-level@10")
    assert re.search(r"\d exceeds the noise between seeds \(Welch's t-test", quick)
    assert re.search(r'^schedule\.kind from "constant" to "geometric" worsened the best val_loss', quick, re.MULTILINE)
    cure = told.logbook("compare", "river-level@7", "river-level@8")
    assert 'model.init.kind from "normal" to "he" is all that differs: r9 diverged' in cure


def search_groups_the_dead_ends_by_cause(told: Told) -> None:
    causes = [line.partition("  ")[0] for line in told.logbook("search", "outcome:dead-end").splitlines()]
    assert [cause for cause in causes if cause][1:] == ["I101 unscaled-initial-weights (5)", "L104 early-decay (2)"]
    early = told.logbook("search", 'reason~"decayed too early"', "--columns", "version", "--csv")
    assert [line.partition(",")[2] for line in early.split()[1:]] == ["10", "3"]


def progress_and_importance_point_at_the_cure(told: Told) -> None:
    text = told.logbook("progress", "river-level")
    (moved,) = re.findall(r"^r10 .*river-level@8.*$", text, flags=re.MULTILINE)
    assert float(moved.split()[-2]) > 0.4  # better by so much
    first = told.logbook("importance").partition("\nsetting ")[2].splitlines()[1]
    assert first.startswith("model.init.kind")


def the_report_is_one_file_that_needs_nothing_else(told: Told) -> None:
    page = (told.store / "river-level.html").read_text(encoding="utf-8")
    assert "river-level@1" in page
    assert "river-level@9" in page
    assert "hardly better than always answering the mean" in page
    assert "data:image/" in page or "<svg" in page
    assert not re.search(r"<script|<link|(?:src|href)=[\"'](?!data:|#)", page)


def test_the_case_study_tells_its_story(tmp_path: Path) -> None:
    # One test, not one for each: its trainings take a minute, and workers would each make them.
    told = Told(tmp_path)
    assert told.ran.returncode == 0, told.ran.stdout + told.ran.stderr
    the_first_run_does_not_learn_and_the_checklist_names_the_cause(told)
    what_is_near_a_dead_end_is_stopped(told)
    each_config_is_a_version_that_says_where_it_comes_from_and_how_it_ended(told)
    each_step_does_what_is_told_of_it(told)
    log_tells_the_story_in_order(told)
    compare_says_what_the_seeds_make_of_it(told)
    search_groups_the_dead_ends_by_cause(told)
    progress_and_importance_point_at_the_cure(told)
    the_report_is_one_file_that_needs_nothing_else(told)
