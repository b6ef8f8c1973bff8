"""Networks, losses and data of the person's own that can't be used, or look as if they couldn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running.conftest import Command, write_config
from tests.running.test_bad_input import is_clear

SHORT = {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 100}
NET = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
NET += "        self.line = nn.Linear(64, 10)\n    def forward(self, x):\n        y = self.line(x.flatten(1))\n        "


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (NET + "return y, y.mean()", "of type tuple"),
        (NET + "return {'logits': y}", "of type dict"),
        (NET + "y.mean()", "of type NoneType"),
        (NET + "return y[:, :7]", "needs (32, 10)"),
        (NET + "return y if self.training else nothing", "NameError: name 'nothing' is not defined (mine.py:9)"),
        (NET + "raise RuntimeError('out of ideas')", "RuntimeError: out of ideas (mine.py:9)"),
    ],
)
def test_a_network_that_gives_no_outputs_ends_the_run_with_one_message(
    folder: Path, logbook: Command, source: str, says: str
) -> None:
    (folder / "mine.py").write_text(source + "\n")
    write_config(folder, {"model": {"kind": "python", "target": "mine:Net"}, "data": SHORT})
    answer = logbook("run", "cfg.json")
    assert is_clear(answer, status=1)
    assert says in answer.err
    document = logbook("run", "cfg.json", "--json", "--again").json
    assert document["status"] == "failed"
    assert logbook("show", "@").status == 0


@pytest.mark.parametrize(
    "source",
    [
        "return F.cross_entropy(outputs, targets, reduction='none')",
        "return F.cross_entropy(outputs, targets).reshape(1)",
        "return F.cross_entropy(outputs, targets), 1.0",
        "return 1.0",
        "pass",
    ],
)
def test_a_loss_that_is_no_number_is_the_first_finding(folder: Path, logbook: Command, source: str) -> None:
    (folder / "mine.py").write_text(
        f"from torch.nn import functional as F\ndef loss():\n    def own(outputs, targets):\n        {source}\n"
        "    return own\n"
    )
    write_config(folder, {"loss": {"kind": "python", "target": "mine:loss"}, "data": SHORT})
    answer = logbook("run", "cfg.json")
    assert is_clear(answer, status=1)
    assert "a loss must be a tensor without dimensions" in answer.err
    document = logbook("run", "cfg.json", "--json", "--again").json
    assert document["findings"][0]["name"] == "failing-loss"


OWN_DATA = "import numpy as np\nx = np.random.default_rng(0).normal(size=(41, 4))\ny = (x[:, 0] > 0).astype(int)\n"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("x, 0 * y", "every target is 0; expected at least 2 classes"),
        ("x[:1], y[:1]", "expected at least 2 classes"),
        ("x[:2], np.arange(2)", "leaves none"),
        ("x[:0], y[:0]", "expected at least one example"),
        ("x[:, :0], y", "hold no values"),
        ("x, y[:-1]", "expected one target an input"),
        ("{'train': (x, y), 'validation': (x[:0], y[:0])}", "validation: inputs of shape (0, 4) hold no values"),
    ],
)
def test_data_that_nothing_can_be_learnt_of_are_refused(folder: Path, logbook: Command, made: str, says: str) -> None:
    (folder / "mine.py").write_text(OWN_DATA + f"def load(): return {made}\n")
    write_config(folder, {"data": {"source": {"kind": "python", "target": "mine:load"}}, "task": "classification"})
    for words in (["run", "cfg.json"], ["run", "cfg.json", "--json"], ["check", "cfg.json", "--data"]):
        answer = logbook(*words)
        assert is_clear(answer, status=2)
        assert says in answer.err


@pytest.mark.parametrize(
    ("made", "task"),
    [
        ("{'train': (x[:40], y[:40]), 'validation': (x[40:], y[40:])}", "classification"),
        ("{'train': (x[:40], 3 * x[:40, 0]), 'validation': (x[40:], x[40:, 0])}", "regression"),
        ("(10 * x).round(), y.astype(float)", "classification"),
        ("(10 * x).astype(int), y.astype(float)", "binary"),
        ("x > 0, y > 0", "binary"),
        ("x, (10 * x[:, 0]).astype(int)", "regression"),
        ("x, np.full(41, 3.0)", "regression"),
        ("x[:33], y[:33]", "classification"),
    ],
)
def test_odd_data_are_trained_on(folder: Path, logbook: Command, made: str, task: str) -> None:
    """A validation split of one row, whole numbers as floats, yes and no, one value only, a last batch of one row."""
    (folder / "mine.py").write_text(OWN_DATA + f"def load(): return {made}\n")
    write_config(folder, {"data": {"source": {"kind": "python", "target": "mine:load"}}, "task": task})
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 0, answer.err
    assert answer.json["status"] == "finished"
    assert "the rule itself" not in [one["where"] for one in answer.json["findings"]]
    assert logbook("show", "@").status == 0
