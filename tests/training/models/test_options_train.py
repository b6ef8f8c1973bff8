"""Every option of our own networks trains: real digits in a few epochs, to a stated validation loss."""

import pytest

from tests.training.trainings import run

GUESSING = 2.303
DIGITS = {"source": {"kind": "sklearn", "dataset": "digits"}}
TABLE = {"kind": "mlp", "hidden": [64]}
PIXELS = {"kind": "cnn", "channels": [8, 8], "hidden": []}
BLOCKS = {"kind": "residual-cnn", "channels": [8, 16], "blocks": 1, "stem_stride": 2}
GROUPS = {"kind": "group", "groups": 4}

SECTIONS = {
    "linear": ({"kind": "linear"}, 0.3),
    "linear from zeros": ({"kind": "linear", "init": "zeros"}, 0.3),
    "maxout": ({**TABLE, "activation": {"kind": "maxout", "pieces": 3}}, 0.22),
    "prelu": ({**TABLE, "activation": {"kind": "prelu", "per": "unit"}}, 0.22),
    "truncated normal": ({**TABLE, "init": {"kind": "truncated-normal", "std": 0.1}}, 0.22),
    "initial bias": ({**TABLE, "initial_bias": {"kind": "constant", "value": 0.1}}, 0.22),
    "prior": ({**TABLE, "output_bias": "prior"}, 0.22),
    "input dropout": ({**TABLE, "input_dropout": 0.2}, 0.22),
    "dropconnect": ({**TABLE, "dropconnect": 0.2}, 0.22),
    "alpha dropout": ({**TABLE, "activation": "selu", "dropout": 0.1, "dropout_form": "alpha"}, 0.22),
    "group norm": ({**TABLE, "normalization": GROUPS}, 0.22),
    "batch norm after the activation": (
        {**TABLE, "normalization": {"kind": "batch", "place": "after-activation"}},
        0.3,
    ),
    "output scale": ({**TABLE, "output_scale": 3.0}, 0.22),
    "cnn with strides": ({**PIXELS, "stride": 2, "pooling": "none", "kernel": [5, 3]}, 0.3),
    "cnn, pooled where wished": ({**PIXELS, "pooling": ["none", {"kind": "max", "size": 3, "stride": 2}]}, 0.2),
    "cnn with global averages": ({**PIXELS, "channels": [16, 32], "global_pooling": "average"}, 0.3),
    "cnn with circular padding": ({**PIXELS, "padding": "circular", "activation": "maxout"}, 0.3),
    "cnn dropping filters": ({**PIXELS, "dropout": 0.1, "dropout_form": "channels", "dropconnect": 0.1}, 0.5),
    "pre-activation": (BLOCKS, 0.8),
    "original": ({**BLOCKS, "block": "original", "dropout": 0.1}, 0.8),
    "silent at first": ({**BLOCKS, "zero_init_residual": True, "global_pooling": "none", "normalization": GROUPS}, 0.5),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_it_trains(name, tmp_path):
    section, expected = SECTIONS[name]
    scaling = [{"kind": "standardize", "per": "whole"}]
    training = {"epochs": 3, "batch_size": 32}
    sink, end = run(
        tmp_path,
        {
            "data": {**DIGITS, "inputs": scaling},
            "model": section,
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": training,
        },
    )
    assert end.status == "finished"
    assert 0.5 * GUESSING < sink.starts[0].initial_loss < 2 * GUESSING
    silent = section.get("zero_init_residual", False)
    assert bool(sink.starts[0].no_gradient) == silent
    assert sink.losses[-1][2] < expected
