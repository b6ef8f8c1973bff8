"""One experiment, whole: the config that is frozen at its first run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import field_validator, model_validator

from logbook_schemas.config.base import Many, kind_of, setting, text_for
from logbook_schemas.config.data import Data
from logbook_schemas.config.full_batch import refuse_impossible_steps, set_batch_default
from logbook_schemas.config.gradients import Gradients
from logbook_schemas.config.heading import Heading
from logbook_schemas.config.images import IMAGE_KINDS
from logbook_schemas.config.losses import Loss
from logbook_schemas.config.metrics import Metric, Monitor
from logbook_schemas.config.model import Mlp, Model
from logbook_schemas.config.objective import Regularization, Task, default_loss, default_metrics
from logbook_schemas.config.optimizer import Adam, Optimizer
from logbook_schemas.config.schedule import Constant, Schedule
from logbook_schemas.config.sequence_checks import sequence_problem
from logbook_schemas.config.sequences import is_text, ordered_by_default
from logbook_schemas.config.splits import split_defaults
from logbook_schemas.config.training import Checks, Diagnostics, Training
from logbook_schemas.config.unsupervised import refuse_what_does_not_go_together, set_unsupervised_defaults

__all__ = ["RunConfig", "metric_name"]

_TASK_OF = {
    "breast_cancer": "binary",
    "diabetes": "regression",
    "linnerud": "regression",
    "sine": "regression",
    "digits": "classification",
    "wine": "classification",
    "iris": "classification",
    "blobs": "classification",
    "spirals": "classification",
    "xor": "classification",
    "copy": "language-model",
    "parity": "binary",
}

_MAY_BE_SPLIT = ("python", "images")


class RunConfig(Heading):
    """One experiment. What is left out takes the checklist's default; the resolved whole is what is frozen."""

    task: Task = setting(about="What is predicted.", follows="known for the built-in data sets, else it has to be said")
    data: Data = setting(about="The examples.")
    model: Model = setting(Mlp(), about="The network.")
    loss: Loss = setting(about="What is minimized.", follows="as the task has it", source="S1-21, S1-22")
    metrics: Many[Metric] = setting(
        (), about="What is reported beside the losses.", follows="as the task has it", source="S0-11"
    )
    monitor: Annotated[Monitor, text_for("metric")] = setting(
        Monitor(),
        about="By which number epochs and runs are ranked.",
        follows="val_loss; train_loss without a validation split",
    )
    optimizer: Optimizer = setting(Adam(), about="How weights move.", source="S2-01")
    schedule: Schedule = setting(Constant(), about="How the learning rate changes.", source="S2-14")
    regularization: Regularization = setting(Regularization(), about="Penalties on the weights.")
    gradients: Gradients = setting(Gradients(), about="What is done to gradients.")
    training: Training = setting(Training(), about="The loop.")
    diagnostics: Diagnostics = setting(Diagnostics(), about="What is measured.", recipe=False)
    checks: Checks = setting(Checks(), about="Which findings are waved through.", recipe=False)

    @model_validator(mode="before")
    @classmethod
    def _defaults_follow_the_task(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return _with_task_defaults(dict(value))

    @field_validator("metrics")
    @classmethod
    def _each_metric_once(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [metric_name(metric) for metric in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"metric {twice[0]} stands twice; its values could not be told apart")
        return value

    @model_validator(mode="after")
    def _several_targets_are_no_classes(self) -> RunConfig:
        targets = getattr(self.data.source, "targets", "")
        if isinstance(targets, tuple) and len(targets) > 1 and self.task not in ("regression", "multilabel"):
            raise ValueError(
                f"data.source.target names {len(targets)} columns, and task {self.task} predicts one; name one column,"
                " or take task regression (numbers) or multilabel (a 0 or 1 each)"
            )
        return self

    @model_validator(mode="after")
    def _has_classes_to_balance(self) -> RunConfig:
        kind = self.data.balance.kind
        if kind != "none" and self.task not in ("classification", "binary", "metric-learning"):
            raise ValueError(f"data.balance is '{kind}', which evens out classes, and task '{self.task}' has none")
        if kind == "class-weights":
            weighable = ("cross-entropy", "nll", *(("bce", "bce-with-logits") if self.task == "binary" else ()))
            if self.loss.kind not in weighable:
                raise ValueError(
                    f"data.balance is 'class-weights', which loss.kind '{self.loss.kind}' can't take under task"
                    f" '{self.task}'; it goes with {', '.join(weighable)}"
                )
            if getattr(self.loss, "class_weights", None) is not None:
                raise ValueError("data.balance 'class-weights' and loss.class_weights both weigh classes; set one")
            if getattr(self.loss, "pos_weight", 1.0) != 1.0:
                raise ValueError("data.balance 'class-weights' and loss.pos_weight both weigh classes; set one")
        return self

    @model_validator(mode="after")
    def _monitors_something_that_is_measured(self) -> RunConfig:
        known = ["train_loss", "train_loss_eval"]
        # These may bring a validation split along: that shows once they are loaded.
        if self.data.split.has_validation or self.data.source.kind in _MAY_BE_SPLIT:
            known += ["val_loss", *map(metric_name, self.metrics)]
        if self.monitor.metric not in known:
            raise ValueError(
                f"monitor.metric is {self.monitor.metric!r}, which this config doesn't measure;"
                f" measured are {', '.join(sorted(known))}"
            )
        return self

    @model_validator(mode="after")
    def _goes_together(self) -> RunConfig:
        refuse_what_does_not_go_together(self)
        refuse_impossible_steps(self)
        if problem := sequence_problem(self):
            raise ValueError(problem)
        return self


def metric_name(metric: Any) -> str:
    """Return the name under which a metric's values are stored: its kind, or the callable's own name."""
    return str(metric.target.split(":")[1]) if metric.kind == "python" else str(metric.kind)


def _with_task_defaults(raw: dict[str, Any]) -> dict[str, Any]:
    """Fill in what depends on other fields; leave alone whatever has the wrong type, for validation to name."""
    data = raw.get("data")
    data = dict(data) if isinstance(data, dict) else None
    if data is not None:
        raw["data"] = data
        task = raw.setdefault("task", _task_of(data.get("source")))
        if task is None:
            del raw["task"]
        ordered_by_default(data)
        has_classes = task in ("classification", "binary", "metric-learning")
        data["split"] = split_defaults(data.get("split", "random"), stratify=has_classes)
        # A person's own targets are handed over as meant; everything else is scaled as S0-02 asks.
        if task == "regression" and "targets" not in data and kind_of(data.get("source")) != "python":
            data["targets"] = [{"kind": "standardize"}]
    set_unsupervised_defaults(raw)
    set_batch_default(raw)
    if raw.get("task") == "language-model":
        _set_token_defaults(raw, data)
    raw.setdefault("loss", default_loss(raw.get("task")))
    raw.setdefault("metrics", default_metrics(raw.get("task")))
    if "monitor" not in raw and _has_no_validation(data):
        raw["monitor"] = {"metric": "train_loss"}
    return raw


def _set_token_defaults(raw: dict[str, Any], data: dict[str, Any] | None) -> None:
    if data is not None:
        data.setdefault("inputs", [])  # tokens are names, not amounts
    model = raw.setdefault("model", {"kind": "rnn"})
    if kind_of(model) == "transformer":
        raw["model"] = {"form": "decoder", **({"kind": model} if isinstance(model, str) else model or {})}


def _task_of(source: object) -> str | None:
    if is_text(source):
        return "language-model"
    if not isinstance(source, dict):
        return None
    if source.get("kind") in IMAGE_KINDS:
        return "classification"
    hint = source.get("dataset") if source.get("kind") == "sklearn" else kind_of(source.get("pattern"))
    # A name that isn't known is an error of its own; that the task is missing too would only distract.
    return _TASK_OF.get(hint, "classification") if isinstance(hint, str) else None


def _has_no_validation(data: dict[str, Any] | None) -> bool:
    split = data.get("split") if data else None
    if data is None or not isinstance(split, dict) or kind_of(data.get("source")) in _MAY_BE_SPLIT:
        return False
    asked = split.get("validation", None if split.get("kind") == "files" else "by default")
    return asked in (0, None)
