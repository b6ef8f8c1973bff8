"""Whatever way an import takes, it gets the code of then."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.running.conftest import Command
from tests.running.reruns.projects import CONFIG, NET, Project, is_identical, merged

OPTIONAL = """
import parts.layers
try:
    from newer import width
except ImportError:
    from spread.sizes import width
parts.layers.width = width
"""


@pytest.mark.parametrize("way", ["absolute", "current"])
def test_imports_that_lead_into_the_working_tree_get_the_code_of_then(
    project: Project, ran: Command, rerun: Any, way: str
) -> None:
    """A path that the code adds itself: as written, or as a package that is installed in place has it."""
    project.begin()
    added = str(project.folder / "lib") if way == "absolute" else "lib"
    project.write("lib/spread/sizes.py", "width = 9\n")
    project.write("net.py", f"import sys\nsys.path.insert(0, {added!r})\n{OPTIONAL}{NET}")
    ran()
    project.write("lib/spread/sizes.py", "width = 99\n")
    project.write("lib/newer.py", "width = 999\n")
    document = rerun()
    is_identical(document)
    assert document["remarks"] == []


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_package_is_found_that_no_path_leads_to_any_more(
    project: Project, ran: Command, rerun: Any, monkeypatch: pytest.MonkeyPatch, is_committed: bool
) -> None:
    """A `src` layout: installed in place, or on PYTHONPATH, when the run began, and now neither."""
    project.write("src/shape/__init__.py", "from shape.sizes import width\n")
    project.write("src/shape/sizes.py", "width = 9\n")
    project.write("src/shape/net.py", NET.replace("parts.layers", "shape"))
    project.config(
        data={"source": {"kind": "python", "target": "shape.net:rows"}},
        model={"kind": "python", "target": "shape.net:net"},
    )
    if is_committed:
        project.commit("Begin")
    with monkeypatch.context() as then:
        then.setattr(sys, "path", [*sys.path, str(project.folder / "src")])
        ran()
    project.write("src/shape/sizes.py", "width = 99\n")
    document = rerun()
    is_identical(document)
    assert document["code"]["verdict"] == "same"
    assert document["remarks"] == []


LATE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 2)

    def forward(self, inputs):
        if self.training:
            from parts.late import scale
            try:
                from later import scale
            except ImportError:
                pass
            return self.line(inputs) * scale
        return self.line(inputs)
"""


def test_what_is_imported_while_it_trains_is_taken_from_where_it_lay_and_told(
    project: Project, ran: Command, rerun: Any
) -> None:
    """No commit holds it, and it was not loaded when the code was recorded: there it may be, as old as it was."""
    project.code()
    project.write("parts/late.py", "scale = 2.0\n")
    project.write("net.py", NET + LATE)
    project.config(model={"kind": "python", "target": "net:Net"})
    ran()
    project.write("later.py", "scale = 3.0\n")
    document = rerun()
    is_identical(document)
    assert document["remarks"] == ["loaded from your folder as it is now: parts/late.py"]
    project.write("parts/late.py", "scale = 3.0\n")
    changed = rerun("r1")
    assert (changed["status"], changed["exit"]) == ("failed", 1)
    assert "No module named 'parts.late'" in changed["reason"]


def test_the_config_of_a_test_is_what_it_says() -> None:
    assert merged(CONFIG, {"model": {"kind": "mlp"}})["model"] == {"kind": "mlp"}
    assert merged(CONFIG, {"training": {"epochs": 9}})["training"]["device"] == "cpu"
