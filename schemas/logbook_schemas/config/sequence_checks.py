"""What can't go together where sequences are concerned, as far as the config alone shows it.

Each function returns what is wrong as one sentence that names the fields, or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_schemas.config.losses import CrossEntropy, Nll, PythonLoss
from logbook_schemas.config.metrics import PythonMetric
from logbook_schemas.config.model import PythonModel, Rnn, Transformer
from logbook_schemas.config.sequences import Copy, Docstrings, Parity, Text
from logbook_schemas.config.sources import Blobs, Sine, Sklearn, Spirals, Synthetic, Xor
from logbook_schemas.config.splits import FilesSplit, OrderedSplit
from logbook_schemas.config.training import TruncatedBptt

if TYPE_CHECKING:
    from logbook_schemas.config.run import RunConfig

__all__ = ["sequence_problem"]

_TOKENS = "language-model"


def sequence_problem(config: RunConfig) -> str | None:
    """Return the first thing that can't work, or None where all goes together."""
    return _source_problem(config) or _tokens_problem(config) or _bptt_problem(config)


def _source_problem(config: RunConfig) -> str | None:
    source, task = config.data.source, config.task
    if isinstance(source, Text | Docstrings):
        if task != _TOKENS:
            return f"data.source.kind is '{source.kind}', a text to be continued, but task is '{task}'; set '{_TOKENS}'"
        split = config.data.split
        if not isinstance(split, OrderedSplit | FilesSplit):
            return (
                f"data.split.kind is '{split.kind}', but the windows of a {source.kind} source continue each other:"
                " what is validated would stand between what is trained on; set data.split.kind to 'ordered' or 'files'"
            )
        return None if split.column is None else "data.split.by is set, but a text has no columns; leave it out"
    pattern = source.pattern if isinstance(source, Synthetic) else None
    if isinstance(pattern, Copy) and task != _TOKENS:
        return f"data.source.pattern.kind is 'copy', whose targets are tokens, but task is '{task}'; set '{_TOKENS}'"
    if isinstance(pattern, Parity) and task not in ("binary", "classification"):
        return f"data.source.pattern.kind is 'parity', which is odd or even, but task is '{task}'; set 'binary'"
    has_no_tokens = isinstance(source, Sklearn) or isinstance(pattern, Blobs | Spirals | Xor | Sine)
    if has_no_tokens and task == _TOKENS:
        return f"task is '{_TOKENS}', but data.source.kind '{source.kind}' gives no sequences of tokens"
    return None


def _tokens_problem(config: RunConfig) -> str | None:
    if config.task != _TOKENS:
        return None
    model, data = config.model, config.data
    if not isinstance(model, Rnn | Transformer | PythonModel):
        return f"task is '{_TOKENS}', but model.kind '{model.kind}' reads no sequences; use 'rnn' or 'transformer'"
    if isinstance(model, Rnn) and model.bidirectional:
        return f"task is '{_TOKENS}', but model.bidirectional shows each position what comes next; set it to false"
    if isinstance(model, Transformer) and model.form != "decoder":
        return f"task is '{_TOKENS}', but model.form '{model.form}' shows each position what comes next; use 'decoder'"
    if not isinstance(config.loss, CrossEntropy | Nll | PythonLoss):
        return (
            f"task is '{_TOKENS}', whose targets are tokens, but loss.kind is '{config.loss.kind}'; use 'cross-entropy'"
        )
    if getattr(config.loss, "class_weights", None) is not None:
        return f"task is '{_TOKENS}', which weighs every token alike, but loss.class_weights is set; leave it out"
    for field, steps in (("inputs", data.inputs), ("targets", data.targets), ("augment", data.augment)):
        if steps:
            return f"data.{field} is {steps[0].kind}, but tokens are names, not amounts; leave it empty"
    own = next((metric for metric in config.metrics if isinstance(metric, PythonMetric)), None)
    if own is not None:
        return (
            f"metrics '{own.target}' would get all outputs of a split, but task '{_TOKENS}' keeps only what it says and"
            " what that costs; use 'accuracy', 'perplexity' or 'bits-per-character'"
        )
    return None


def _bptt_problem(config: RunConfig) -> str | None:
    procedure, model, source = config.training.procedure, config.model, config.data.source
    if not isinstance(procedure, TruncatedBptt):
        return None
    named = "training.procedure.kind is 'truncated-bptt'"
    if not isinstance(model, Rnn):
        return (
            f"{named}, which carries what an rnn remembers, but model.kind is '{model.kind}';"
            " use model.kind 'rnn', or procedure 'standard'"
        )
    if model.bidirectional:
        return f"{named}, but model.bidirectional reads a sequence from its end too; set it to false"
    if problem := _uneven_batches(config):
        return f"{named}, which reads one batch after the other and carries what it remembers, but {problem}"
    if isinstance(source, Text | Docstrings) and config.data.limit is not None:
        return (
            f"{named}, which reads the text once from start to end, but data.limit takes windows here and there;"
            " shorten the text, or use procedure 'standard'"
        )
    if isinstance(source, Text | Docstrings) and source.stride not in (None, source.length):
        return (
            f"{named}, which reads the text once from start to end, but with data.source.stride {source.stride}"
            f" windows overlap; leave the stride out, or set it to data.source.length ({source.length})"
        )
    return None


def _uneven_batches(config: RunConfig) -> str | None:
    """Say what makes the batches of a step or of an epoch something else than one after the other, of one size."""
    training = config.training
    if training.batch_size == "all":
        return "training.batch_size is 'all'; give the number of streams or rows"
    if training.batch_schedule.kind != "none":
        return f"training.batch_schedule is '{training.batch_schedule.kind}'; leave it out"
    if config.gradients.accumulation > 1:
        return f"gradients.accumulation is {config.gradients.accumulation}; leave it out, or raise training.batch_size"
    return None
