"""Programs written blind: by someone who had read what the checklist promises, and neither its rules nor its programs.

They imitate what people ask about: small data, odd set-ups, and one fault each. Kinds were chosen before any program
had been run, and programs were mended by their scores alone. `python -m benchmarks.faults --only blind-…` runs one.

About half of them, chosen by the hash of their ids, were opened once all had been measured: rules were mended by what
they showed, and they count as tuned since. The others stay held out.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from benchmarks.faults.held_out_blind import examples, networks, objectives, outputs
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]


def _is_opened(program: Program) -> bool:
    return hashlib.sha256(program.id.encode()).digest()[0] % 2 == 0


PROGRAMS: tuple[Program, ...] = tuple(
    replace(program, hand="tuned") if _is_opened(program) else program
    for program in (*outputs.PROGRAMS, *objectives.PROGRAMS, *networks.PROGRAMS, *examples.PROGRAMS)
)
