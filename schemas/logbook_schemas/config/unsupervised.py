"""Reconstruction and metric learning: which model, loss and procedure go together, and what follows by default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from logbook_schemas.config.base import kind_of
from logbook_schemas.config.full_batch import LINE_SEARCHING

if TYPE_CHECKING:
    from logbook_schemas.config.run import RunConfig

__all__ = ["refuse_what_does_not_go_together", "set_unsupervised_defaults"]

_MODELS_OF = {"reconstruction": ("autoencoder", "rbm", "python"), "metric-learning": ("embedding", "python")}
_TASK_OF = {"autoencoder": "reconstruction", "rbm": "reconstruction", "embedding": "metric-learning"}
_TARGET_FIELD = {"csv": "target", "parquet": "target", "npz": "targets"}


def set_unsupervised_defaults(raw: dict[str, Any]) -> None:
    """Fill in the model that a task takes, and the procedure that a model or task takes, where they are left out."""
    task = raw.get("task")
    if task == "reconstruction":
        _set_no_targets(raw.get("data"))
    if task in ("reconstruction", "metric-learning"):
        raw.setdefault("model", {"kind": _MODELS_OF[task][0]})
    model = raw.get("model")
    if kind_of(model) == "rbm":
        _set_procedure(raw, "contrastive-divergence")
        is_gaussian = isinstance(model, dict) and model.get("visible") == "gaussian"
        raw.setdefault("optimizer", {"kind": "momentum", "lr": 0.01 if is_gaussian else 0.1, "momentum": 0.5})
    elif task == "metric-learning":
        _set_procedure(raw, "triplets")


def _set_no_targets(data: object) -> None:
    source = data.get("source") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(source, dict) and (field := _TARGET_FIELD.get(kind_of(source) or "")):
        data["source"] = {field: None, **source}


def _set_procedure(raw: dict[str, Any], kind: str) -> None:
    training = raw.get("training", {})
    if not isinstance(training, dict):
        return
    procedure = training.get("procedure", {})
    raw["training"] = {
        **training,
        "procedure": {"kind": kind, **procedure} if isinstance(procedure, dict) else procedure,
    }


def refuse_what_does_not_go_together(config: RunConfig) -> None:
    """Raise ValueError for sections that can't work together, with their fields and a way out."""
    for problem in (
        *_of_the_task(config),
        *_of_the_procedure(config),
        *_of_an_rbm(config),
        *_of_reconstruction(config),
        *_of_pretraining(config),
    ):
        raise ValueError(problem)


def _of_the_task(config: RunConfig) -> Iterator[str]:
    task, model, loss, source = config.task, config.model.kind, config.loss.kind, config.data.source
    field = _TARGET_FIELD.get(source.kind)
    if field is not None and getattr(source, field) is None and task != "reconstruction":
        yield f"data.source.{field} is null, but task is {task!r}; name what is to be predicted"
    if model not in _MODELS_OF.get(task, (model,)):
        yield f"task is {task!r}, but model.kind is {model!r}; it takes {_either(_MODELS_OF[task])}"
    wanted = _TASK_OF.get(model, task)
    if task != wanted:
        yield f"model.kind is {model!r}, which is for task {wanted!r}, but task is {task!r}"
    if (loss == "triplet") != (task == "metric-learning") and not (task == "metric-learning" and loss == "python"):
        usual = "; it takes 'triplet' or 'python'" if task == "metric-learning" else ", and triplets are of embeddings"
        yield f"loss.kind is {loss!r}, but task is {task!r}{usual}"


def _of_the_procedure(config: RunConfig) -> Iterator[str]:
    procedure, batch_size = config.training.procedure, config.training.batch_size
    if (procedure.kind == "contrastive-divergence") != (config.model.kind == "rbm"):
        yield (
            f"training.procedure is {procedure.kind!r}, but model.kind is {config.model.kind!r};"
            " 'contrastive-divergence' trains an 'rbm', and nothing else does"
        )
    if procedure.kind == "standard":
        return
    if batch_size == "all" or config.training.batch_schedule.kind != "none":
        field = "batch_size is 'all'" if batch_size == "all" else "batch_schedule changes the batch size"
        yield f"training.{field}, but training.procedure {procedure.kind!r} wants one number of rows; give batch_size"
    elif procedure.kind == "contrastive-divergence" and config.optimizer.kind in LINE_SEARCHING:
        yield (
            f"optimizer.kind is {config.optimizer.kind!r}, which compares losses, but training.procedure"
            " 'contrastive-divergence' follows the slope of none; use 'momentum'"
        )
    if procedure.kind != "triplets":
        return
    if config.task != "metric-learning":
        yield f"training.procedure is 'triplets', which is for task 'metric-learning', but task is {config.task!r}"
    if batch_size != "all" and batch_size < 2 * procedure.examples_per_class:
        yield (
            f"training.batch_size is {batch_size} and training.procedure.examples_per_class"
            f" {procedure.examples_per_class}: a batch would hold fewer than 2 classes, and no triplet;"
            " raise the one or lower the other"
        )


def _of_an_rbm(config: RunConfig) -> Iterator[str]:
    model, loss = config.model, config.loss.kind
    if model.kind != "rbm":
        return
    if loss == "bce-with-logits":
        yield "loss.kind is 'bce-with-logits', but an rbm's outputs are no logits; use 'bce' or 'mse'"
    if loss == "bce" and model.visible == "gaussian":
        yield "loss.kind is 'bce', which wants probabilities, but model.visible is 'gaussian'; use 'mse'"


def _of_reconstruction(config: RunConfig) -> Iterator[str]:
    if config.task != "reconstruction":
        return
    if config.data.targets:
        yield "data.targets prepares targets, but in task 'reconstruction' these are the prepared inputs; leave it out"
    for place, step in enumerate(config.data.augment):
        if str(step.kind) != "noise":
            yield (
                f"data.augment[{place}] is {step.kind!r}, but in task 'reconstruction' the targets stay as they are:"
                " nobody can give back where an image stood; only 'noise' goes with it"
            )


def _of_pretraining(config: RunConfig) -> Iterator[str]:
    model = config.model
    if config.training.pretraining is None:
        return
    wants = "training.pretraining trains the hidden layers of an 'mlp' as RBMs, which"
    if model.kind != "mlp":
        yield f"{wants} model.kind {model.kind!r} does not have"
    elif not model.hidden:
        yield f"{wants} model.hidden [] does not have"
    elif model.activation.kind != "sigmoid":
        yield f"{wants} have units of probability; set model.activation to 'sigmoid', not {model.activation.kind!r}"
    elif model.normalization.kind != "none":
        yield f"{wants} know no normalization; set model.normalization to 'none', not {model.normalization.kind!r}"
    elif not model.bias:
        yield f"{wants} have biases; leave model.bias at true"
    elif config.training.batch_size == "all" and config.training.pretraining.batch_size is None:
        yield "training.batch_size is 'all': give training.pretraining.batch_size, the rows of a batch before it"


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(map(repr, words[:-1]))} or {words[-1]!r}"
