"""The person's own code: found beside the config, called with their arguments, and what it raises told as theirs."""

from logbook.training.own_code.calling import build_own, is_out_of_memory, own_code
from logbook.training.own_code.raised import user_code_error
from logbook.training.own_code.sources import TargetSource, find_source, read_sources_only
from logbook.training.own_code.targets import call_target, load_target

__all__ = [
    "TargetSource",
    "build_own",
    "call_target",
    "find_source",
    "is_out_of_memory",
    "load_target",
    "own_code",
    "read_sources_only",
    "user_code_error",
]
