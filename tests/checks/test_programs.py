"""The helper itself: a program is checked and run as by its user."""

from tests.checks import programs

MODEL = """
from torch import nn

def model(input_shape, output_size):
    return nn.Sequential(nn.Linear(input_shape[0], 8), nn.ReLU(), nn.Linear(8, output_size))
"""


def test_a_healthy_program_is_checked_and_run(tmp_path):
    config = programs.CLASSES | {"model": programs.own("model")}
    assert programs.told(programs.check(tmp_path, config, MODEL)) == []
    run = programs.run(tmp_path, config, MODEL)
    assert run.summary.status == "finished"
    assert programs.start_record(tmp_path, config, MODEL).trainable > 0


def test_a_faulty_program_is_told(tmp_path):
    module = MODEL.replace("nn.Linear(8, output_size))", "nn.Linear(8, output_size), nn.Softmax(1))")
    findings = programs.check(tmp_path, programs.CLASSES | {"model": programs.own("model")}, module)
    assert "probabilities-into-cross-entropy" in programs.loud(findings)
