"""Clocks that go back or stand still, and names of hosts and users that are no names: the record bears them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logbook.store import identifiers, open_reader, open_writer
from logbook.store.identifiers import new_uuid
from logbook.store.verify import verify
from logbook_schemas.records.measures import EndRecord
from logbook_schemas.records.runs import JournalEntry
from tests.running.conftest import write_config
from tests.store.making import attempt, begin, epoch, python

DAY = 86_400 * 10**9
OUTCOMES = ["done", "promising", "dead-end"]


@pytest.fixture
def clock(monkeypatch):
    """The system's clock, to be set: what the store asks for the time."""

    class Clock:
        now = time.time_ns()

        def time_ns(self):
            return self.now

    set_clock = Clock()
    monkeypatch.setattr(identifiers.time, "time_ns", set_clock.time_ns)
    return set_clock


def test_a_clock_that_jumps_changes_no_order_and_no_duration(tmp_path, clock):
    with open_writer(tmp_path) as writer:
        for jump in (0, -DAY, 2 * DAY, -400 * DAY):
            clock.now += jump
            run = begin(writer).number
            for number in range(1, 4):
                clock.now += jump // 7
                writer.append_epoch(run, 1, epoch(number))
                writer.add_journal(run, JournalEntry(kind="outcome", text=OUTCOMES[number - 1]))
            writer.end_attempt(run, 1, status="finished", end=EndRecord(status="finished"))
    assert verify(tmp_path) == []
    with open_reader(tmp_path) as reader:
        runs = reader.runs()
        assert [run.number for run in runs] == [4, 3, 2, 1]
        assert reader.resolve("@") == 4
        assert [run.uuid for run in runs] == sorted((run.uuid for run in runs), reverse=True)
        for run in runs:
            assert [one.epoch for one in reader.epochs(run.number)] == [1, 2, 3]
            assert run.seconds == 1.5
            assert run.outcome == "dead-end"
            assert [entry.text for entry in reader.journal(run.number)] == OUTCOMES
        assert len(reader.search("age>1h")) + len(reader.search("not age>1h")) == 4


def test_a_run_that_goes_on_before_it_began_is_resumed_all_the_same(tmp_path, clock):
    with open_writer(tmp_path) as writer:
        run = begin(writer).number
        writer.append_epoch(run, 1, epoch(1))
        writer.end_attempt(run, 1, status="interrupted")
        clock.now -= 30 * DAY
        assert writer.begin_attempt(run, attempt(resumed_from=1)) == 2
        writer.append_epoch(run, 2, epoch(2))
        writer.end_attempt(run, 2, status="finished")
    with open_reader(tmp_path) as reader:
        assert [one.status for one in reader.attempts(run)] == ["interrupted", "finished"]
        assert reader.summary(run).status == "finished"
        assert reader.summary(run).epochs == 2
    assert verify(tmp_path) == []


def test_a_clock_that_stands_still_gives_no_two_runs_one_name(tmp_path, clock):
    made = [new_uuid() for _ in range(5_000)]
    assert made == sorted({*made})
    clock.now -= DAY
    assert new_uuid() > made[-1]
    with open_writer(tmp_path) as writer:
        runs = [begin(writer) for _ in range(20)]
    assert len({run.uuid for run in runs}) == len({run.words for run in runs}) == 20


def test_processes_that_begin_runs_in_the_same_millisecond_have_runs_of_their_own(tmp_path):
    script = """
import sys, time
from pathlib import Path
from logbook.store import identifiers, open_writer
from tests.store.making import begin
identifiers.time.time_ns = lambda: 1_800_000_000_000_000_000
with open_writer(Path(sys.argv[1])) as writer:
    for _ in range(20):
        begin(writer)
"""
    children = [python(script, tmp_path) for _ in range(4)]
    assert [child.communicate() for child in children] == [("", "")] * 4
    with open_reader(tmp_path) as reader:
        runs = reader.runs()
    assert len({run.uuid for run in runs}) == len({run.number for run in runs}) == 80
    assert len({run.uuid[:13] for run in runs}) == 1
    assert verify(tmp_path) == []


HOSTS = {
    "escapes": "ho\x1b[2Jst\x1b]0;gotcha\x07\none\r\nh\u202eo\u200bst\u2028".encode(),
    "no text": b"\xff\xfe\x80host\n\x1b[2J",
}
NAMING = """
import ctypes, os, sys
host = os.fsencode(sys.argv[1])
ctypes.CDLL(None).sethostname(host, len(host))
os.execv(sys.executable, [sys.executable, "-m", "logbook_cli", *sys.argv[2:]])
"""
"""Gives itself a host name, which only this process has, then is the command."""


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_a_host_and_a_user_of_any_bytes_are_recorded_and_shown_without_harm(tmp_path, host):
    write_config(tmp_path, {"training": {"epochs": 1}})
    environment = {**os.environb, b"LOGNAME": host, b"PYTHONPATH": os.pathsep.join(sys.path).encode()}

    def ask(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["unshare", "--uts", sys.executable, "-c", NAMING, host, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )

    ran = ask("run", "cfg.json")
    if b"unshare" in ran.stderr:
        pytest.skip(f"no host name of its own here: {ran.stderr.decode(errors='replace')[:200]}")
    assert ran.returncode == 0, ran.stderr
    assert ask("note", "r1", "hello").returncode == 0
    for words in (["show", "r1", "--full"], ["ls"], ["fsck"]):
        done = ask(*words)
        assert done.returncode == 0, done.stderr
        said = done.stdout.decode()
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "\u202e" not in said
    document = json.loads(ask("show", "r1", "--json").stdout)
    recorded = document["environment"]["host"]
    assert recorded
    assert recorded.encode() == recorded.encode("utf-8", "strict")
    assert recorded == host.decode("utf-8", "backslashreplace") or host == HOSTS["no text"]
    assert document["attempts"][0]["host"]
    assert document["journal"][0]["author"]
    assert verify(Path(tmp_path) / ".logbook") == []
