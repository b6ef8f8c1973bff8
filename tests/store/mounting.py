"""Places where nothing can be written, or little: mounted where only the one script sees them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.store.making import python


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


needs_mount = pytest.mark.skipif(
    not _can_mount(), reason="`unshare -m` isn't allowed here: no small file system to fill"
)


def in_mount(prepare: str, script: str, folder: Path) -> str:
    """Run a script where `prepare` (shell) has mounted something, unseen by everybody else."""
    before = ("unshare", "-m", "sh", "-c", f'{prepare.replace("FOLDER", str(folder))} && exec "$@"', "sh")
    out, err = python(script, folder, before=before).communicate()
    assert err == "", err
    return out
