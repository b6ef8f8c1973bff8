"""A repository may be anybody's: no program that it names runs, no link is followed, no secret is kept."""

from __future__ import annotations

import os

import pytest

from logbook.provenance import capture_git
from logbook.provenance.git_commands import Repository

GITHUB = "ghp_" + "a1B2" * 9


@pytest.fixture
def trap(tmp_path):
    """Make a program that leaves a mark when it runs."""
    program, mark = tmp_path / "trap.sh", tmp_path / "it-ran"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return program, mark


def spring(repo, trap, *settings):
    program, mark = trap
    for key in settings:
        repo.git("config", key, str(program))
    assert not mark.exists(), "the trap must not run while it is laid"


def dirty(repo):
    """Change a file so that git must read it again, without letting git see the trap."""
    repo.write("model.py", "width = 3\n")
    repo.write("new.py", "x\n")


def test_the_traps_would_run_in_plain_git(repo, trap):
    repo.commit()
    spring(repo, trap, "core.fsmonitor")
    repo.git("status")
    assert trap[1].exists()


@pytest.mark.parametrize(
    "settings",
    [
        ("core.fsmonitor",),
        ("diff.external",),
        ("diff.evil.textconv", "diff.evil.command"),
        ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
        ("core.pager", "pager.diff", "pager.status", "core.editor", "gpg.program", "core.askPass"),
        ("core.sshCommand", "core.gitProxy", "credential.helper", "core.alternateRefsCommand"),
    ],
    ids=lambda settings: settings[0],
)
def test_programs_in_the_config_do_not_run(repo, trap, settings):
    repo.commit(".gitattributes", "*.py diff=evil filter=evil\n")
    repo.commit()
    spring(repo, trap, *settings)
    dirty(repo)
    record, blobs = capture_git(repo.folder)
    assert (record.state, record.dirty) == ("ok", True)
    assert b"+width = 3" in blobs[record.diff_blob]
    assert not trap[1].exists()


def test_a_required_filter_of_the_repository_is_not_run_and_the_record_says_so(repo, trap):
    repo.commit(".gitattributes", "*.py filter=evil\n")
    repo.commit()
    spring(repo, trap, "filter.evil.clean")
    repo.git("config", "filter.evil.required", "true")
    dirty(repo)
    record, _ = capture_git(repo.folder)
    assert record.left_out == ("the repository's filter 'evil' was not run",)
    assert not trap[1].exists()


def test_a_filter_from_an_included_file_does_not_run(repo, trap):
    repo.commit(".gitattributes", "*.py filter=evil\n")
    repo.commit()
    (repo.folder / ".git" / "more").write_text(
        f'[filter "evil"]\n\tclean = {trap[0]}\n[core]\n\tfsmonitor = {trap[0]}\n'
    )
    repo.git("config", "include.path", "more")
    dirty(repo)
    assert capture_git(repo.folder)[0].state == "ok"
    assert not trap[1].exists()


@pytest.mark.parametrize("setting", ["filter.a=b.clean", "hook.a=b.command"])
def test_what_cannot_be_switched_off_is_refused(repo, trap, setting):
    repo.commit()
    spring(repo, trap, setting)
    record, _ = capture_git(repo.folder)
    assert record.state == "error"
    assert "'a=b'" in record.reason


def test_hooks_do_not_run(repo, trap):
    repo.commit()
    program, mark = trap
    hook = repo.folder / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(program.read_text())
    hook.chmod(0o755)
    repo.commit("touched.py")
    mark.unlink()
    os.utime(repo.folder / "touched.py", (1, 1))  # git likes to refresh its index for such a file
    dirty(repo)
    assert capture_git(repo.folder)[0].state == "ok"
    assert not mark.exists()


def test_hooks_of_the_config_are_switched_off(repo, trap):
    """Git obeys them since 2.54, wherever `core.hooksPath` leads; an older one still says what it was told of them."""
    repo.commit()
    spring(repo, trap, "hook.evil.command")
    for event in ("post-checkout", "reference-transaction", "post-index-change"):
        repo.git("config", "--add", "hook.evil.event", event)
    repo.git("config", "hook.evil.enabled", "true")
    asked = Repository(repo.folder.resolve(), seconds=5)
    assert asked.ask(["config", "--get", "hook.evil.enabled"]).content == b"false\n"
    assert asked.ask(["config", "--get", "hook.evil.event"]).content == b"\n"
    place = repo.folder.parent / "elsewhere"
    asked.ask(["worktree", "add", "--detach", "--quiet", "--", str(place), repo.git("rev-parse", "HEAD").strip()])
    assert place.is_dir()
    assert not trap[1].exists()


def test_the_config_of_a_submodule_is_not_obeyed(repo, tmp_path, make_repo, trap):
    inner = make_repo(tmp_path / "inner")
    inner.commit(".gitattributes", "*.py filter=evil\n")
    inner.commit("inner.py", "1\n")
    repo.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "sub")
    repo.git("commit", "-q", "-m", "Add a submodule")
    for key in ("core.fsmonitor", "filter.evil.clean"):
        repo.git("config", key, str(trap[0]), folder=repo.folder / "sub")
    repo.git("config", "diff.submodule", "diff")
    repo.write("sub/inner.py", "2\n")
    dirty(repo)
    assert capture_git(repo.folder)[0].state == "ok"
    assert not trap[1].exists()


def test_a_symbolic_link_is_listed_and_not_followed(repo, tmp_path):
    repo.commit()
    target = tmp_path / "private.txt"
    target.write_text("dear diary")
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "more.txt").write_text("dear diary")
    (repo.folder / "link.txt").symlink_to(target)
    (repo.folder / "folder").symlink_to(folder)
    (repo.folder / "dangling").symlink_to(tmp_path / "nothing")
    record, blobs = capture_git(repo.folder)
    assert {file.path for file in record.untracked} == {"link.txt", "folder", "dangling"}
    assert {file.left_out for file in record.untracked} == {"a symbolic link, which is not followed"}
    assert blobs == {}


def test_a_repository_inside_is_named_and_not_entered(repo, make_repo):
    repo.commit()
    make_repo(repo.folder / "nested").commit("x.py", "x\n")
    record, blobs = capture_git(repo.folder)
    assert [(file.path, file.left_out) for file in record.untracked] == [("nested/", "a repository of its own")]
    assert blobs == {}


@pytest.mark.parametrize("name", [".env", ".env.local", "server.pem", "keys/id_rsa", "aws-credentials.json", ".netrc"])
def test_files_named_like_secrets_are_kept_out(repo, name):
    repo.commit("model.py", "one\n")
    repo.write(name, "the secret itself\n")
    record, blobs = capture_git(repo.folder)
    (file,) = record.untracked
    assert (file.path, file.blob) == (name, None)
    assert "holds a secret" in file.left_out
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "A mistake")
    repo.write(name, "the other secret\n")
    repo.write("model.py", "two\n")
    record, blobs = capture_git(repo.folder)
    assert b"secret" not in b"".join(blobs.values())
    assert b"+two" in blobs[record.diff_blob]
    assert record.left_out == (f"{name}: its name says that it holds a secret; it is not in the diff",)


def test_secrets_in_content_are_removed_and_the_record_says_so(repo):
    repo.commit("model.py", "one\n")
    repo.write("model.py", f'one\nlogin("{GITHUB}")\n')
    repo.write("new.py", f'password = "hunter2"\nlogin("{GITHUB}")\nwidth = 1\n')
    record, blobs = capture_git(repo.folder)
    everything = b"".join(blobs.values())
    assert GITHUB.encode() not in everything
    assert b"hunter2" not in everything
    assert b'+login("[secret removed]")' in blobs[record.diff_blob]
    (file,) = record.untracked
    assert blobs[file.blob].endswith(b"width = 1\n")
    assert file.left_out == "what looks like a secret was removed, 2 times"
    assert record.left_out == ("what looks like a secret was removed from the diff, 1 times",)


def test_a_secret_in_utf_16_is_kept_out(repo):
    repo.commit()
    repo.write("login.ps1", f'$x = "{GITHUB}"'.encode("utf-16"))
    record, blobs = capture_git(repo.folder)
    assert record.untracked[0].left_out == "binary content with what looks like a secret"
    assert blobs == {}
