"""What is recorded of a repository, in every state that one can be in."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from logbook.provenance import capture_git, content_hash
from logbook.provenance.git import DIFF_FILE_SIZE, DIFF_SIZE
from logbook.provenance.untracked import FILE_COUNT, FILE_SIZE, TOTAL_SIZE


def by_path(record):
    return {file.path: file for file in record.untracked}


def test_a_clean_repository_is_its_commit_and_branch(repo):
    sha = repo.commit()
    record, blobs = capture_git(repo.folder)
    assert (record.state, record.sha, record.branch, record.dirty) == ("ok", sha, "main", False)
    assert (record.diff_blob, record.untracked, record.left_out, blobs) == (None, (), (), {})
    assert record.root == str(repo.folder)
    assert record.captured_at.endswith("+00:00")


def test_a_folder_below_the_root_finds_the_whole_repository(repo):
    repo.commit("lib/model.py")
    repo.write("notes.txt", "outside the folder")
    record, _ = capture_git(repo.folder / "lib")
    assert record.root == str(repo.folder)
    assert list(by_path(record)) == ["notes.txt"]


def test_the_diff_holds_staged_and_unstaged_changes_and_can_be_applied(repo, tmp_path, make_repo):
    repo.commit("a.py", "one\n")
    repo.commit("b.bin", bytes(range(256)))
    repo.commit("c.py", "old\n")
    repo.write("a.py", "two\n")
    repo.git("add", "a.py")
    repo.write("b.bin", bytes(reversed(range(256))) + b"\0\xff")
    (repo.folder / "c.py").unlink()
    record, blobs = capture_git(repo.folder)
    assert record.dirty is True
    diff = blobs[record.diff_blob]
    assert record.diff_blob == content_hash(diff)
    assert record.diff_bytes == len(diff)

    other = make_repo(tmp_path / "other")
    other.git("pull", "-q", str(repo.folder), "main")
    (tmp_path / "change.diff").write_bytes(diff)
    other.git("apply", str(tmp_path / "change.diff"))
    assert (other.folder / "a.py").read_text() == "two\n"
    assert (other.folder / "b.bin").read_bytes() == (repo.folder / "b.bin").read_bytes()
    assert not (other.folder / "c.py").exists()


def test_personal_diff_settings_do_not_change_the_diff(repo):
    repo.commit("a.py", "one\n")
    repo.commit("b.py", "one\n")
    repo.write("a.py", "two\n")
    repo.write("b.py", "two\n")
    plain, _ = capture_git(repo.folder)
    (repo.folder / ".git" / "order").write_text("b.py\n")
    settings = {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "color.ui": "always",
        "diff.context": "9",
        "diff.algorithm": "patience",
        "diff.orderFile": ".git/order",
        "diff.relative": "true",
    }
    for key, value in settings.items():
        repo.git("config", key, value)
    assert capture_git(repo.folder)[0].diff_blob == plain.diff_blob


def test_a_file_that_was_only_touched_is_not_in_the_diff(repo):
    repo.commit("a.py")
    repo.commit("b.py")
    os.utime(repo.folder / "a.py", (1, 1))
    assert capture_git(repo.folder)[0].dirty is False
    repo.write("b.py", "changed\n")
    record, blobs = capture_git(repo.folder)
    assert b"a.py" not in blobs[record.diff_blob]


@pytest.mark.parametrize("locked", [False, True], ids=["free", "locked by another git"])
def test_looking_leaves_the_index_as_it_was(repo, locked):
    repo.commit("touched.py")
    repo.commit()
    os.utime(repo.folder / "touched.py", (1, 1))
    repo.write("model.py", "changed\n")
    before = (repo.folder / ".git" / "index").read_bytes()
    if locked:
        (repo.folder / ".git" / "index.lock").touch()
    record, _ = capture_git(repo.folder)
    assert (record.state, record.dirty) == ("ok", True)
    assert (repo.folder / ".git" / "index").read_bytes() == before


def test_untracked_files_are_listed_with_their_content(repo):
    repo.commit()
    repo.write("new/model.py", "x = 1\n")
    repo.write("data.bin", b"\0\1\2\xff")
    repo.write(".gitignore", "ignored/\n")
    repo.write("ignored/huge.txt", "no")
    record, blobs = capture_git(repo.folder)
    files = by_path(record)
    assert set(files) == {"new/model.py", "data.bin", ".gitignore"}
    assert blobs[files["new/model.py"].blob] == b"x = 1\n"
    assert blobs[files["data.bin"].blob] == b"\0\1\2\xff"
    assert files["data.bin"].size == 4
    assert record.dirty is False


def test_names_of_any_bytes_are_recorded(repo):
    repo.commit()
    repo.write('sp ace\t"q".py', "a")
    Path(os.fsdecode(os.fsencode(repo.folder) + b"/\xff\xfe.py")).write_text("b")
    repo.write("naïve.py", "c")
    record, blobs = capture_git(repo.folder)
    assert set(by_path(record)) == {'sp ace\t"q".py', "\\xff\\xfe.py", "naïve.py"}
    assert sorted(blobs.values()) == [b"a", b"b", b"c"]
    assert record.model_dump_json()


def test_the_logbook_itself_is_never_listed(repo):
    repo.commit(".logbook/tracked.txt", "one\n")
    repo.write(".logbook/tracked.txt", "two\n")
    repo.write(".logbook/logbook.db", "x")
    repo.write("sub/.logbook/logbook.db", "x")
    record, blobs = capture_git(repo.folder)
    assert (record.dirty, record.untracked, blobs) == (False, (), {})


def test_a_detached_head_has_no_branch(repo):
    sha = repo.commit()
    repo.git("checkout", "-q", "--detach")
    record, _ = capture_git(repo.folder)
    assert (record.state, record.sha, record.branch) == ("ok", sha, None)


def test_a_repository_without_a_commit_lists_what_is_there(repo):
    repo.write("staged.py", "s")
    repo.git("add", "staged.py")
    repo.write("loose.py", "l")
    record, blobs = capture_git(repo.folder)
    assert (record.state, record.sha, record.branch) == ("unborn", None, "main")
    assert set(by_path(record)) == {"staged.py", "loose.py"}
    assert sorted(blobs.values()) == [b"l", b"s"]


def test_a_folder_without_a_repository_is_recorded_as_such(tmp_path):
    record, blobs = capture_git(tmp_path)
    assert (record.state, record.sha, blobs) == ("none", None, {})
    assert "not a git repository" in record.reason


def test_a_folder_that_is_gone_is_an_error_and_no_exception(tmp_path):
    record, _ = capture_git(tmp_path / "gone")
    assert record.state == "error"
    assert "gone" in record.reason


def test_a_linked_worktree_has_its_own_branch_and_root(repo, tmp_path):
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side" / "model.py").write_text("width = 2\n")
    record, _ = capture_git(tmp_path / "side")
    assert (record.state, record.branch, record.root) == ("ok", "side", str(tmp_path / "side"))
    assert record.dirty is True
    assert capture_git(repo.folder)[0].dirty is False


def test_a_work_tree_that_is_elsewhere_is_refused(repo, tmp_path):
    repo.commit()
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.txt").write_text("dear")
    repo.git("config", "core.worktree", str(tmp_path / "private"))
    record, blobs = capture_git(repo.folder)
    assert (record.state, blobs) == ("error", {})
    assert "elsewhere" in record.reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_that_somebody_else_owns_is_an_error_with_a_reason(repo, monkeypatch):
    repo.commit()
    monkeypatch.delenv("SUDO_UID", raising=False)
    for place in (repo.folder, repo.folder / ".git"):
        os.chown(place, 12345, 12345)
    record, _ = capture_git(repo.folder)
    assert record.state == "error"
    assert "dubious ownership" in record.reason


def test_a_damaged_repository_is_an_error_and_no_exception(repo):
    repo.commit()
    repo.write("new.py", "x")
    (repo.folder / ".git" / "index").write_bytes(b"not an index")
    record, blobs = capture_git(repo.folder)
    assert (record.state, blobs) == ("error", {})
    assert "index" in record.reason


def test_git_variables_of_a_hook_do_not_lead_to_another_repository(repo, tmp_path, make_repo, monkeypatch):
    sha = repo.commit()
    other = make_repo(tmp_path / "other")
    other.commit("b.py", "different\n")
    hook = {"GIT_DIR": other.folder / ".git", "GIT_WORK_TREE": other.folder, "GIT_INDEX_FILE": "/nowhere"}
    for name, value in hook.items():
        monkeypatch.setenv(name, str(value))
    record, _ = capture_git(repo.folder)
    assert (record.state, record.sha, record.root) == ("ok", sha, str(repo.folder))
    assert {name: os.environ[name] for name in hook} == {name: str(value) for name, value in hook.items()}


@pytest.mark.parametrize("nested", [False, True])
def test_without_the_git_program_nothing_breaks(repo, tmp_path, monkeypatch, nested):
    repo.commit()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    record, _ = capture_git(repo.folder if nested else tmp_path)
    assert record.state == ("error" if nested else "none")
    assert "not installed" in record.reason


def test_gitpython_can_be_imported_first_without_the_git_program(tmp_path):
    code = (
        "from pathlib import Path; from logbook.provenance import capture_git;"
        f"record, _ = capture_git(Path({str(tmp_path)!r})); print(record.state)"
    )
    import sys

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={"PATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("none", "")


def fake_git(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)


def test_a_git_that_hangs_is_given_up_after_the_time_limit(repo, tmp_path, monkeypatch):
    repo.commit()
    fake_git(tmp_path / "bin", "sleep 60 & sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    began = time.monotonic()
    record, _ = capture_git(repo.folder, seconds=0.3)
    assert time.monotonic() - began < 5
    assert record.state == "error"
    assert "more than 0.3 s" in record.reason


def test_slow_parts_are_left_out_and_the_rest_is_recorded(repo, tmp_path, monkeypatch):
    sha = repo.commit()
    repo.write("model.py", "width = 2\n")
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    slow = f'case "$*" in *untracked-files=all*|*ext-diff*) sleep 60;; esac\nexec {real} "$@"'
    fake_git(tmp_path / "bin", slow)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    record, _ = capture_git(repo.folder, seconds=1)
    assert (record.state, record.sha, record.dirty, record.diff_blob) == ("ok", sha, True, None)
    assert any("untracked files were not looked for" in note for note in record.left_out)
    assert any("the diff was left out: git took more than 1 s" in note for note in record.left_out)


def test_git_that_complains_at_length_does_not_block(repo, tmp_path, monkeypatch):
    fake_git(tmp_path / "bin", "i=0; while [ $i -lt 20000 ]; do echo warning: line $i >&2; i=$((i+1)); done; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    record, _ = capture_git(repo.folder)
    assert (record.state, record.reason) == ("error", "warning: line 0")


def test_a_big_untracked_file_is_listed_without_content(repo):
    repo.commit()
    repo.write("fits.bin", b"a" * FILE_SIZE)
    repo.write("over.bin", b"b" * (FILE_SIZE + 1))
    files = by_path(capture_git(repo.folder)[0])
    assert files["fits.bin"].blob is not None
    assert files["over.bin"].blob is None
    assert "262,145 bytes, the limit is 262,144" in files["over.bin"].left_out


def test_untracked_files_have_a_limit_together(repo):
    repo.commit()
    count = TOTAL_SIZE // FILE_SIZE + 2
    for number in range(count):
        repo.write(f"{number:03}.bin", number.to_bytes(2) * (FILE_SIZE // 2))
    record, blobs = capture_git(repo.folder)
    assert sum(map(len, blobs.values())) == TOTAL_SIZE
    assert [file.blob is None for file in record.untracked] == [False] * (count - 2) + [True] * 2
    assert any("more than 5,242,880 bytes" in note for note in record.left_out)


def test_the_list_of_untracked_files_has_a_limit(repo):
    repo.commit()
    for number in range(FILE_COUNT + 3):
        repo.write(f"data/{number:05}.txt", "same")
    record, blobs = capture_git(repo.folder)
    assert len(record.untracked) == FILE_COUNT
    assert len(blobs) == 1
    assert any("1,003 untracked files: the first 1,000 are listed" in note for note in record.left_out)


def test_a_big_changed_file_does_not_crowd_the_others_out(repo):
    repo.commit("a.bin", os.urandom(100))
    repo.commit("b.py", "one\n")
    repo.write("a.bin", os.urandom(DIFF_FILE_SIZE + 1))
    repo.write("b.py", "two\n")
    record, blobs = capture_git(repo.folder)
    diff = blobs[record.diff_blob]
    assert b"+two" in diff
    assert b"a.bin" not in diff
    assert any(note.startswith("a.bin: 1,048,577 bytes") for note in record.left_out)


def test_a_long_diff_is_cut_between_files_and_says_so(repo):
    for number in range(8):
        repo.write(f"{number}.txt", "one\n")
    repo.commit()
    for number in range(8):
        repo.write(f"{number}.txt", f"{number} more words\n" * (DIFF_FILE_SIZE // 14))
    record, blobs = capture_git(repo.folder)
    diff = blobs[record.diff_blob]
    assert 0 < len(diff) <= DIFF_SIZE
    assert diff.count(b"diff --git") in (4, 5)
    assert diff.endswith(b"more words\n")
    assert any("longer than 5,242,880 bytes" in note for note in record.left_out)


def test_the_remote_is_recorded_without_credentials(repo):
    repo.commit()
    repo.git("remote", "add", "backup", "https://backup.example.org/x.git")
    repo.git("remote", "add", "origin", "https://ada:hunter2@example.org/lab/x.git")
    assert capture_git(repo.folder)[0].remote == "https://example.org/lab/x.git"
    repo.git("remote", "set-url", "origin", "git@example.org:lab/x.git")
    assert capture_git(repo.folder)[0].remote == "git@example.org:lab/x.git"
    repo.git("remote", "remove", "origin")
    assert capture_git(repo.folder)[0].remote == "https://backup.example.org/x.git"
