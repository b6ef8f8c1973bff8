"""However an attempt ends, its end is in the record; and what never began leaves none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logbook.running import RunRequest, run
from logbook_cli.watching import QuietProgress
from logbook_schemas.records.measures import EpochRecord
from tests.running.conftest import Command, write_config

NET = (
    "import os, signal\nimport torch\nfrom torch import nn\n\n"
    "class Net(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.line = nn.Linear(64, 10)\n"
    "    def forward(self, x):\n"
    "        {body}\n"
    "        return self.line(x.flatten(1))\n\n"
    "def make():\n"
    "    return Net()\n"
)
DATA = (
    "import os, signal\nimport numpy as np\n\ncalls = []\n\n"
    "def load():\n"
    "    calls.append(0)\n"
    "    x = np.random.default_rng(0).normal(size=(60, 4))\n"
    "    y = np.arange(60) % 2\n"
    "    {body}\n"
    "    return x, y\n"
)


def own_net(folder: Path, name: str, body: str) -> dict[str, Any]:
    (folder / f"{name}.py").write_text(NET.replace("{body}", body))
    return {"model": {"kind": "python", "target": f"{name}:make"}}


def own_data(folder: Path, name: str, body: str, **changes: Any) -> dict[str, Any]:
    (folder / f"{name}.py").write_text(DATA.replace("{body}", body))
    source = {"kind": "python", "target": f"{name}:load"}
    return {"task": "classification", "data": {"source": source, **changes.pop("data", {})}, **changes}


class Breaking(QuietProgress):
    """A watcher with a bug."""

    def epoch(self, record: EpochRecord, is_best: bool) -> None:
        raise LookupError("no such colour")


def test_an_exception_that_nobody_expected_ends_the_attempt_and_goes_on_up(folder: Path, logbook: Command) -> None:
    write_config(folder)
    with pytest.raises(LookupError, match="no such colour"):
        run(RunRequest(config=folder / "cfg.json"), Breaking())
    shown = logbook("show", "@", "--json").json
    assert (shown["status"], len(shown["epochs"])) == ("failed", 1)
    assert shown["reason"] == "LookupError: no such colour"
    assert "raise LookupError" in shown["attempts"][0]["error"]["traceback"]
    assert logbook("fsck").status == 0
    assert logbook("resume", "@").status == 0


@pytest.mark.parametrize(
    ("body", "status", "ending", "says"),
    [
        ("raise KeyboardInterrupt", 130, "interrupted", "KeyboardInterrupt"),
        ("raise MemoryError('12 GB')", 1, "failed", "a smaller training.batch_size"),
        ("raise RuntimeError('CUDA out of memory.')", 1, "failed", "a smaller training.batch_size"),
        ("return x.flatten(1)[:, :3]", 1, "failed", "the model returned outputs of shape (32, 3)"),
    ],
    ids=["interrupt", "memory", "cuda", "classes"],
)
def test_what_a_model_raises_ends_the_attempt(
    folder: Path, logbook: Command, body: str, status: int, ending: str, says: str
) -> None:
    name = f"raising_{ending}_{status}_{len(body)}"
    write_config(folder, own_net(folder, name, f"if self.training:\n            {body}"))
    answer = logbook("run", "cfg.json")
    assert answer.status == status
    assert "Traceback" not in answer.err
    shown = logbook("show", "@", "--json").json
    assert shown["status"] == ending
    assert says in shown["reason"]
    assert says in answer.err or ending == "interrupted"


@pytest.mark.parametrize("place", ["data", "model"])
def test_a_worker_that_is_terminated_ends_at_once_while_the_run_listens(
    folder: Path, logbook: Command, place: str
) -> None:
    """The run's handlers are for the run: its own workers are their parent's to end, in their first moment too."""
    (folder / "workers.py").write_text(
        "import multiprocessing, signal, time\n\n"
        "def end_some():\n"
        "    for number in range(30):\n"
        "        worker = multiprocessing.get_context('fork').Process(target=time.sleep, args=(20,))\n"
        "        worker.start()\n"
        "        time.sleep(0.1 if number == 0 else 0)\n"
        "        worker.terminate()\n"
        "        worker.join(10)\n"
        "        assert worker.exitcode == -signal.SIGTERM\n"
    )
    body = "import workers; workers.end_some()"
    if place == "model":
        changes = own_net(folder, "net_with_worker", f"if self.training and len(x) != 32:\n            {body}")
    else:
        changes = own_data(folder, "data_with_worker", body)
    write_config(folder, {**changes, "training": {"epochs": 1}})
    answer = logbook("run", "cfg.json")
    assert answer.status == 0, answer.err


def test_an_error_of_ours_in_the_middle_of_a_training_ends_the_attempt(folder: Path, logbook: Command) -> None:
    (folder / "fading.py").write_text(
        "import torch\n\n"
        "class Fading(torch.utils.data.Dataset):\n"
        "    reads = 0\n"
        "    def __len__(self):\n"
        "        return 50\n"
        "    def __getitem__(self, i):\n"
        "        self.reads += 1\n"
        "        return (torch.ones(4) * i, i % 2) if self.reads < 400 else 'nothing'\n\n"
        "def load():\n"
        "    return Fading()\n"
    )
    data = {"source": {"kind": "python", "target": "fading:load"}}
    training = {"epochs": 50, "batch_size": 16}
    write_config(folder, {"data": data, "task": "classification", "training": training})
    answer = logbook("run", "cfg.json")
    assert answer.status == 2
    assert "expected (input, target)" in answer.err
    shown = logbook("show", "@", "--json").json
    assert (shown["status"], len(shown["attempts"])) == ("failed", 1)
    assert "expected (input, target)" in shown["error"]
    assert "read_example" in shown["attempts"][0]["error"]["traceback"]
    assert len(shown["epochs"]) > 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_in_an_evaluation_ends_the_run_between_two_batches(folder: Path, logbook: Command, name: str) -> None:
    body = f"if not self.training and len(x) == 1024:\n            os.kill(os.getpid(), signal.{name})"
    data = {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 3000}, "split": {"validation": 0.7}}
    module = f"stopping_{name}"
    net = own_net(folder, module, body)
    source = (folder / f"{module}.py").read_text().replace("nn.Linear(64, 10)", "nn.Linear(2, 3)")
    (folder / f"{module}.py").write_text(source)
    write_config(folder, {**net, "data": data, "task": "classification"})
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 128 + getattr(signal, name), answer.err
    assert (answer.json["status"], answer.json["reason"], answer.json["epochs"]) == ("interrupted", name, [])
    assert "logbook resume r1" in answer.err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("swallow", [False, True])
def test_a_signal_before_there_is_a_run_records_nothing(
    folder: Path, logbook: Command, name: str, swallow: bool
) -> None:
    kill = f"os.kill(os.getpid(), signal.{name})"
    body = f"try:\n        {kill}\n    except BaseException:\n        pass" if swallow else kill
    write_config(folder, own_data(folder, f"slow_rows_{name}_{swallow}", body))
    before = signal.getsignal(signal.SIGTERM)
    answer = logbook("run", "cfg.json")
    assert answer.status == 128 + getattr(signal, name)
    lines = answer.err.splitlines()
    assert lines[-1] == f"error: stopped by {name}; nothing was recorded"
    assert lines[0].startswith("own code: "), "named before it runs"
    assert len(lines) == 2 or swallow, "own code that swallows the signal is gone on with, up to its end"
    assert not (folder / ".logbook").exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_to_a_process_that_loads_its_data_ends_it_at_once(folder: Path) -> None:
    body = "import sys, time; sys.stderr.write('loading\\n'); sys.stderr.flush(); time.sleep(60)"
    write_config(folder, own_data(folder, "sleeping_rows", body))
    process = subprocess.Popen(
        [sys.executable, "-m", "logbook_cli", "run", "cfg.json"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("own code: data.source sleeping_rows:load")
    assert process.stderr.readline() == "loading\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err == "error: stopped by SIGTERM; nothing was recorded\n"


def test_resuming_a_run_whose_data_raised_records_the_data(folder: Path, logbook: Command) -> None:
    (folder / "rising.py").write_text(
        "seen = []\n\n"
        "def measure(outputs, targets):\n"
        "    seen.append(0)\n"
        "    return float(len(seen))\n\n"
        "measure.mode = 'min'\n\n"
        "def make():\n"
        "    return measure\n"
    )
    body = "if len(calls) == 1:\n        raise OSError('the share is not mounted')"
    metric = {"kind": "python", "target": "rising:make"}
    write_config(folder, own_data(folder, "mended_rows", body, metrics=[metric]))
    assert logbook("run", "cfg.json").status == 1
    failed = logbook("show", "@", "--json").json
    assert (failed["status"], failed["data"], failed["epochs"]) == ("failed", None, [])
    assert logbook("resume", "@").status == 0
    shown = logbook("show", "@", "--json").json
    assert shown["status"] == "finished"
    assert shown["data"]["splits"]["train"]["rows"] == 48
    assert shown["data"]["metric_modes"] == {"make": "min"}
    assert [epoch["metrics"]["make"] for epoch in shown["epochs"]] == [1.0, 2.0]
    assert logbook("search", "make.best=1", "--json").json["runs"], "lower is better, also for what began without data"
    assert logbook("fsck").status == 0


def test_data_that_would_have_been_refused_are_refused_on_resuming(folder: Path, logbook: Command) -> None:
    body = "if len(calls) == 1:\n        raise OSError('away')\n    x[3, 1] = np.nan"
    write_config(folder, own_data(folder, "bad_rows", body))
    assert logbook("run", "cfg.json").status == 1
    answer = logbook("resume", "@")
    assert answer.status == 1
    assert "nonfinite-data" in answer.err
    assert len(logbook("show", "@", "--json").json["attempts"]) == 1


@pytest.mark.parametrize(
    ("body", "says", "attempts"),
    [
        (
            "import subprocess, sys; subprocess.run([sys.executable, '-m', 'logbook_cli', 'resume', 'r1'], check=True)",
            "has been resumed by another process meanwhile",
            2,
        ),
        (
            "from pathlib import Path; from logbook.store.live import hold;"
            " held = hold(Path('.logbook').resolve(), Path('uuid').read_text()); held.__enter__(); calls.append(held)",
            "is being trained by another process",
            1,
        ),
    ],
    ids=["has-ended", "still-trains"],
)
def test_the_second_of_two_resumes_is_refused(
    folder: Path, logbook: Command, body: str, says: str, attempts: int
) -> None:
    """The other process comes in while this one loads its data, after it has read how the run stands."""
    raising = "if not os.path.exists('.logbook'):\n        raise OSError('away')\n"
    race = f"    if os.path.exists('race'):\n        os.remove('race')\n        {body}"
    write_config(folder, own_data(folder, f"raced_rows_{attempts}", raising + race))
    assert logbook("run", "cfg.json").status == 1
    (folder / "uuid").write_text(logbook("show", "@", "--json").json["uuid"])
    (folder / "race").touch()
    answer = logbook("resume", "r1")
    assert answer.status == 2
    assert answer.err.startswith("error: r1 ")
    assert says in answer.err
    assert len(logbook("show", "@", "--json").json["attempts"]) == attempts


def test_a_refusal_after_the_first_seed_is_shown(folder: Path, logbook: Command) -> None:
    body = "x[3, 1] = np.nan if len(calls) == 3 else 0"
    write_config(folder, own_data(folder, "worse_rows", body, training={"epochs": 1, "seed": 5}))
    answer = logbook("run", "cfg.json", "--seeds", "4", "--json")
    assert answer.status == 1
    assert [run["seed"] for run in answer.json["runs"]] == [5, 6]
    assert answer.json["refused"]["reason"].startswith("seed 7: D102 nonfinite-data")
    assert "refused: seed 7: D102 nonfinite-data" in answer.err
    assert "next: logbook show r2" in answer.err


def test_a_signal_before_the_next_seed_keeps_and_tells_the_runs_that_there_are(folder: Path, logbook: Command) -> None:
    body = "len(calls) == 3 and os.kill(os.getpid(), signal.SIGTERM)"
    write_config(folder, own_data(folder, "third_rows", body, training={"epochs": 1, "seed": 5}))
    answer = logbook("run", "cfg.json", "--seeds", "4", "--json")
    assert answer.status == 143
    assert [(run["seed"], run["status"]) for run in answer.json["runs"]] == [(5, "finished"), (6, "finished")]
    assert "stopped by SIGTERM before seed 7 was recorded" in answer.err
    assert "nothing was recorded" not in answer.err
    assert "next: logbook show r2" in answer.err


def test_the_closing_lines_tell_the_test_split(folder: Path, logbook: Command) -> None:
    write_config(folder, {"data": {"split": {"validation": 0.2, "test": 0.2}}})
    answer = logbook("run", "cfg.json")
    shown = logbook("show", "@", "--json").json
    lines = answer.err.splitlines()
    assert lines[-1].startswith("next:")
    (told,) = [line for line in lines[-4:] if line.startswith("test ")]
    assert told.startswith(f"test        loss {shown['end']['test_loss']:.4f}"[:20])
    assert "accuracy" in told
    write_config(folder)
    assert not [line for line in logbook("run", "cfg.json").err.splitlines() if line.startswith("test ")]


def test_show_says_why_no_epoch_is_the_best_and_what_was_skipped(folder: Path, logbook: Command) -> None:
    split = {"split": {"validation": 0.0}}
    write_config(folder, own_data(folder, "all_rows", "pass", data=split, monitor={"metric": "val_loss"}))
    answer = logbook("run", "cfg.json")
    assert answer.status == 0
    assert "warning: no epoch will be the best one: val_loss is never measured" in answer.err
    assert "skipped     best: val_loss is never measured" in answer.err
    assert "skipped     best: val_loss is never measured" in logbook("show", "@").out


def test_a_validation_loss_that_is_not_finite_is_told_as_one(folder: Path, logbook: Command) -> None:
    write_config(folder, own_net(folder, "odd_in_evaluation", "x = x if self.training or len(x) < 300 else x / 0"))
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 1
    assert (answer.json["status"], answer.json["reason"]) == ("diverged", "validation loss of epoch 1 was nan")
    assert answer.json["end"]["nonfinite_epoch"] == 1
    assert len(answer.json["epochs"]) == 1
    shown = logbook("show", "@").out
    assert "not finite  validation loss of epoch 1" in shown
    assert "The validation loss of epoch 1 is nan" in logbook("show", "@", "--full").out
