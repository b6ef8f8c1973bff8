"""Faults of scale and of form: units, bytes, outliers, codes."""

from __future__ import annotations

from benchmarks.faults.bases import houses, own, own_digits, target, wine
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS"]


def _table(source: Config, task: str = "regression", epochs: int = 25, **edit: object) -> Config:
    return own(task, source, {"kind": "mlp", "hidden": [32]}, epochs, **edit)


SOURCE = "data.source"

PROGRAMS = (
    Program(
        id="raw-bytes",
        kind="unscaled-inputs",
        source="S0-04",
        twin=own_digits(target("nets:Mlp"), **{SOURCE: target("images:bytes_of_digits")}),
        fault={SOURCE: target("images:bytes_of_digits", scaled=False)},
        moment="data",
        hidden="Adam gets over it on so small a problem",
    ),
    Program(
        id="wine-in-its-units",
        kind="unscaled-inputs",
        source="S0-05",
        twin=wine(),
        fault={"data.inputs": []},
        moment="data",
    ),
    Program(
        id="tiny-inputs",
        kind="unscaled-inputs",
        source="S1-03",
        twin=_table(target("tables:clouds"), "classification"),
        fault={SOURCE: target("tables:clouds", factor=1e-4)},
        moment="data",
    ),
    Program(
        id="far-from-zero",
        kind="unscaled-inputs",
        source="S0-01",
        twin=_table(target("tables:clouds"), "classification"),
        fault={SOURCE: target("tables:clouds", centre=300.0)},
        moment="data",
    ),
    Program(
        id="prices-in-dollars",
        kind="unscaled-targets",
        source="S0-02, S0-03",
        twin=houses(),
        fault={"data.targets": []},
        moment="data",
    ),
    Program(
        id="prices-with-typos",
        kind="outliers",
        source="S0-33, S2-31",
        twin=houses(),
        fault={SOURCE: target("tables:houses", glitches=4)},
        moment="data",
    ),
    Program(
        id="unknown-ages",
        kind="nonfinite-data",
        source="S4-12",
        twin=houses(),
        fault={SOURCE: target("tables:houses", spoilt=3)},
        moment="data",
    ),
    Program(
        id="dead-sensor",
        kind="constant-feature",
        source="S0-06",
        twin=_table(target("tables:sensors"), epochs=40),
        fault={SOURCE: target("tables:sensors", dead=True)},
        moment="data",
        learns=0.4,
    ),
    Program(
        id="shop-numbers",
        kind="coded-category",
        source="S0-16, S1-04",
        twin=_table(target("tables:shops"), **{"data.inputs": ["standardize"]}),
        fault={SOURCE: target("tables:shops", coded=True)},
        moment="data",
    ),
    Program(
        id="validation-in-other-units",
        kind="validation-scaled-apart",
        source="S1-06, S4-16",
        twin=own_digits(target("nets:Mlp"), **{SOURCE: target("images:split_digits")}),
        fault={SOURCE: target("images:split_digits", validation_factor=16.0)},
        moment="data",
        hidden="a relu network's most probable class hardly changes with a factor; its loss does",
    ),
)
