"""`logbook resume`."""

from __future__ import annotations

from logbook_cli import options
from logbook_cli.training import choose_progress, tell_outcome

__all__ = ["resume"]


def resume(
    run: options.Run,
    careful: options.Careful = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Go on with a run where it was stopped or killed, from its last checkpoint.

    The config, the seed and the order of the data are those of the run: the result is as if it had never stopped.
    """
    from logbook.running import resume as resume_run

    outcome = resume_run(run, progress=choose_progress(is_quiet=quiet), careful=careful, logbook=logbook)
    tell_outcome(outcome, as_json=as_json)
