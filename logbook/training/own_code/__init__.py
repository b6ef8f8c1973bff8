"""The person's own code: found beside the config, called with their arguments, and what it raises told as theirs."""

from logbook.training.own_code.calling import build_own, own_code
from logbook.training.own_code.raised import user_code_error
from logbook.training.own_code.targets import call_target, load_target

__all__ = ["build_own", "call_target", "load_target", "own_code", "user_code_error"]
