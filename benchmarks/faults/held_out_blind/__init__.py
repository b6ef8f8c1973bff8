"""Programs written blind: by someone who had read what the checklist promises, and neither its rules nor its programs.

They imitate what people ask about: small data, odd set-ups, and one fault each. Kinds were chosen before any program
had been run, and programs were mended by their scores alone. `python -m benchmarks.faults --only blind-…` runs one.
"""

from __future__ import annotations

from benchmarks.faults.held_out_blind import examples, networks, objectives, outputs
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

PROGRAMS: tuple[Program, ...] = (
    *outputs.PROGRAMS,
    *objectives.PROGRAMS,
    *networks.PROGRAMS,
    *examples.PROGRAMS,
)
