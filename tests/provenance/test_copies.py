"""The code of a run as files again: no program of the repository runs, and nothing is written outside of the folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from logbook.errors import UsageError
from logbook.provenance import capture_git, content_hash
from logbook.provenance.copies import copied_code, temporary_folder
from logbook_schemas.records.beginning import StartOfRun
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord, UntrackedFile


def started(folder, git, *, code=None):
    return StartOfRun(config_folder=str(folder), git=git, environment=EnvironmentRecord(), code=code or CodeRecord())


@contextmanager
def laid_out(start, blobs, links=()):
    with temporary_folder() as scratch, copied_code(start, blobs.get, scratch, links=links) as copy:
        yield copy
    assert not scratch.exists()


def of(folder):
    git, blobs = capture_git(folder)
    return started(folder, git), blobs


def files_of(copy):
    return {str(path.relative_to(copy.home)): path.read_text() for path in copy.home.rglob("*") if path.is_file()}


@pytest.fixture
def trap(tmp_path):
    program, mark = tmp_path / "trap.sh", tmp_path / "it-ran"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return program, mark


def lay_traps(repo, trap):
    program, mark = trap
    repo.commit(".gitattributes", "*.py filter=evil\n")
    repo.commit()
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.external"):
        repo.git("config", key, str(program))
    repo.git("config", "core.hooksPath", str(repo.folder / ".git" / "evil"))
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit"):
        place = repo.folder / ".git" / "evil" / hook
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(program)
    assert not mark.exists()


def test_the_traps_would_run_in_plain_git(repo, trap, tmp_path):
    lay_traps(repo, trap)
    repo.git("-c", "filter.evil.process=", "worktree", "add", "--detach", str(tmp_path / "other"))
    assert trap[1].exists()


def test_no_program_that_a_repository_names_runs(repo, trap):
    lay_traps(repo, trap)
    repo.write("model.py", "width = 2\n")
    start, blobs = of(repo.folder)
    assert start.git.dirty
    with laid_out(start, blobs) as copy:
        assert copy.record.kind == "commit"
        assert files_of(copy)["model.py"] == "width = 2\n"
    assert not trap[1].exists()


def test_worktrees_of_the_persons_that_are_out_of_reach_are_not_forgotten(repo, tmp_path):
    """`git worktree prune` would forget a worktree on a disk that isn't mounted."""
    repo.commit()
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "unplugged"))
    (tmp_path / "unplugged").rename(tmp_path / "away")
    start, blobs = of(repo.folder)
    with laid_out(start, blobs):
        assert len(repo.git("worktree", "list").splitlines()) == 3
    assert len(repo.git("worktree", "list").splitlines()) == 2


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_worktree_is_removed_after_an_error_whatever_was_made_in_it(repo, is_broken):
    repo.commit()
    start, blobs = of(repo.folder)

    def fail():
        with laid_out(start, blobs) as copy:
            (copy.home / "left").mkdir()
            (copy.home / "left" / "over.txt").write_text("x")
            if is_broken:
                (copy.home / ".git").unlink()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(repo.git("worktree", "list").splitlines()) == 1
    assert not (repo.folder / ".git" / "worktrees").exists()


def test_a_commit_that_can_not_be_checked_out_leaves_nothing_behind(repo):
    """A damaged repository, or a clone that left contents on a server: git says so half-way."""
    repo.commit()
    start, blobs = of(repo.folder)
    content = repo.git("rev-parse", "HEAD:model.py")
    (repo.folder / ".git" / "objects" / content[:2] / content[2:]).unlink()
    with laid_out(start, blobs) as copy:
        assert copy.record.kind == "sources"
        assert content in copy.record.why
    assert not (repo.folder / ".git" / "worktrees").exists()


def test_a_diff_with_changes_of_every_kind_is_applied(repo):
    repo.write("gone.py", "old\n")
    repo.write("run.sh", "#!/bin/sh\n")
    repo.write("picture.bin", bytes(range(256)))
    repo.commit("model.py", "a\r\nb\r\n")
    (repo.folder / "gone.py").unlink()
    (repo.folder / "run.sh").chmod(0o755)
    repo.write("picture.bin", bytes(reversed(range(256))))
    repo.write("model.py", "a\r\nc  \r\n")
    repo.write("new file é.py", "new\n")
    start, blobs = of(repo.folder)
    with laid_out(start, blobs) as copy:
        assert not (copy.home / "gone.py").exists()
        assert (copy.home / "run.sh").stat().st_mode & 0o100
        for name in ("picture.bin", "model.py", "new file é.py"):
            assert (copy.home / name).read_bytes() == (repo.folder / name).read_bytes()
        assert copy.record.remarks == ()


def test_untracked_files_come_back_under_names_of_any_bytes(repo):
    repo.commit()
    names = [b"caf\xc3\xa9.txt", b"caf\xe9 \xff.txt", b"back\\slash \\xc3\\xa9.txt", b"-new\nline.txt", b":(top) x"]
    for name in names:
        Path(os.fsdecode(os.fsencode(repo.folder) + b"/" + name)).write_bytes(name)
    start, blobs = of(repo.folder)
    with laid_out(start, blobs) as copy:
        for name in names:
            assert Path(os.fsdecode(os.fsencode(copy.home) + b"/" + name)).read_bytes() == name


def test_a_change_with_a_secret_in_a_line_that_stays_is_told(repo):
    secret = 'password = "correct-horse-battery"\n'
    repo.write("other.py", "a = 1\n")
    repo.commit("model.py", f"{secret}width = 1\n")
    repo.write("model.py", f"{secret}width = 2\n")
    repo.write("other.py", "a = 2\n")
    start, blobs = of(repo.folder)
    with laid_out(start, blobs) as copy:
        told = files_of(copy)
        assert told["other.py"] == "a = 2\n"
        assert told["model.py"] == f"{secret}width = 1\n"
        assert any(remark.startswith("model.py is as committed") for remark in copy.record.remarks)


@pytest.mark.parametrize(
    "path", ["../out.py", "/tmp/logbook-out.py", "a/../../out.py", ".git/hooks/post-checkout", "link/out.py"]
)
def test_a_record_of_a_strangers_writes_nothing_outside_of_the_folder(repo, tmp_path, path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.folder / "link").symlink_to(outside)
    sha = repo.commit()
    body = b"evil = True\n"
    name = content_hash(body)
    git = GitRecord(
        state="ok", root=str(repo.folder), sha=sha, untracked=(UntrackedFile(path=path, size=1, blob=name),)
    )
    code = CodeRecord(identity="x", files={path: name})
    hooks = sorted((repo.folder / ".git" / "hooks").iterdir())
    with laid_out(started(repo.folder, git, code=code), {name: body}) as copy:
        inside = [file for file in copy.home.rglob("*.py") if not file.is_symlink()]
        assert body not in [file.read_bytes() for file in inside]
        assert not (copy.home.parent / "out.py").exists()
    assert list(outside.iterdir()) == []
    assert not Path("/tmp/logbook-out.py").exists()
    assert sorted((repo.folder / ".git" / "hooks").iterdir()) == hooks


@pytest.mark.parametrize("sha", ["--force", "HEAD", "main", "0" * 40, "refs/heads/main"])
def test_what_is_no_commit_is_not_asked_of_git(repo, sha):
    repo.commit()
    git = GitRecord(state="ok", root=str(repo.folder), sha=sha)
    with laid_out(started(repo.folder, git), {}) as copy:
        assert copy.record.kind == "sources"
        assert copy.record.why


def test_a_source_is_written_where_the_record_means_it(tmp_path):
    """A path is relative to the innermost of config's folder and repository that held it: without a commit, to both."""
    body = b"x = 1\n"
    name = content_hash(body)
    git = GitRecord(state="ok", root=str(tmp_path / "gone"), sha="1" * 40)
    start = started(tmp_path / "gone" / "configs", git, code=CodeRecord(identity="x", files={"pkg/net.py": name}))
    with laid_out(start, {name: body}) as copy:
        assert (copy.home / "pkg" / "net.py").read_bytes() == body
        assert (copy.home.parent / "pkg" / "net.py").read_bytes() == body
        assert copy.folder_of(str(tmp_path / "gone" / "data")) == copy.home.parent / "data"
        assert copy.folder_of(str(tmp_path)) is None
        assert copy.folder_of(str(tmp_path / "gone" / ".." / "other")) is None


def test_a_path_that_means_two_places_never_overwrites_what_another_path_means(repo):
    """The config's own module has the name of one of the repository's; both were loaded."""
    repo.write("configs/net.py", "where = 'configs'\n")
    repo.commit("net.py", "where = 'root'\n")
    inner, outer = (content_hash((repo.folder / name).read_bytes()) for name in ("configs/net.py", "net.py"))
    contents = {inner: b"where = 'configs'\n", outer: b"where = 'root'\n"}
    files = {"net.py": inner, str(repo.folder / "net.py"): outer}
    git = GitRecord(state="ok", root=str(repo.folder), sha="1" * 40)
    start = started(repo.folder / "configs", git, code=CodeRecord(identity="x", files=files))
    with laid_out(start, contents) as copy:
        assert (copy.home / "net.py").read_text() == "where = 'configs'\n"
        assert (copy.home.parent / "net.py").read_text() == "where = 'root'\n"


def test_folders_of_a_strangers_record_lead_nowhere_else(repo, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.folder / "configs").symlink_to(outside)
    sha = repo.commit()
    git = GitRecord(state="ok", root=str(repo.folder), sha=sha)
    for folder in (repo.folder / "configs" / "new", repo.folder / ".." / "new"):
        with laid_out(started(folder, git), {}) as copy:
            assert copy.home.name == "code"
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "new").exists()


def test_a_link_stands_in_for_what_is_not_in_the_copy(repo):
    repo.commit(".gitignore", "data\n")
    repo.write("data/rows.txt", "1 2 3\n")
    start, blobs = of(repo.folder)
    with laid_out(start, blobs, links=[repo.folder / "data"]) as copy:
        assert (copy.home / "data" / "rows.txt").read_text() == "1 2 3\n"
    assert (repo.folder / "data" / "rows.txt").read_text() == "1 2 3\n"
    with (
        pytest.raises(UsageError, match="is in the copy already"),
        laid_out(start, blobs, links=[repo.folder / ".gitignore"]),
    ):
        pass
