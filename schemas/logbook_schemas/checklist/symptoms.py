"""What faults look like from outside: the rules that name a symptom, by the kind of cause they follow from.

A cause names these groups in `explains`, so that a new symptom is added in one place. The levels keep it free of
circles: a cause (config, data, start) explains what the steps do, what happens in the layers and to the losses; a
step that is too large explains what happens in the layers; what happens in the layers explains what happens to the
losses; a loss that explodes explains a loss that stands still.
"""

from __future__ import annotations

__all__ = [
    "EXPLODING",
    "LAYERS",
    "NOT_LEARNING",
    "OUTCOMES",
    "POOR_START",
    "POOR_VALIDATION",
    "STEPS",
    "SYMPTOMS",
    "TRAINING",
]

NOT_LEARNING: tuple[str, ...] = (
    "stuck-loss",
    "one-class-predictions",
    "constant-predictions",
    "no-better-than-baseline",
    "chance-level",
    "unfinished-training",
    "underfitting",
    "ignored-class",
    "slowly-rising-loss",
)
"""The losses stand still, or nothing that is predicted is better than a guess."""

EXPLODING: tuple[str, ...] = ("nonfinite-loss", "diverging-loss", "oscillating-loss", "sudden-drop")
"""The losses, the gradients or the updates are far too large."""

STEPS: tuple[str, ...] = (
    "oversized-steps",
    "learning-rate-too-high",
    "learning-rate-too-low",
    "overwhelming-regularization",
    "constantly-clipped-gradients",
    "corrected-start",
    "decayed-while-falling",
)
"""Steps of the wrong size, as they were measured."""

LAYERS: tuple[str, ...] = (
    "dead-units",
    "saturated-units",
    "vanishing-gradients",
    "exploding-gradients",
    "zero-gradients",
    "unchanged-parameters",
    "masked-explosion",
    "drifting-weight-variance",
    "tiny-updates",
    "large-updates",
    "forgotten-beginning",
)
"""What happens in single layers: units die or saturate, gradients vanish."""

POOR_START: tuple[str, ...] = (
    "implausible-initial-loss",
    "clipped-outputs",
    "targets-beyond-outputs",
    "parameter-without-gradient",
    "fading-signal",
    "growing-signal",
)
"""The untrained network already says something strange."""

POOR_VALIDATION: tuple[str, ...] = ("rising-validation-loss", "memorized-training-set", "unregularized-overfitting")
"""Training goes well, and what was not trained on does not."""

OUTCOMES: tuple[str, ...] = (*EXPLODING, *NOT_LEARNING)
"""What becomes of the losses."""

TRAINING: tuple[str, ...] = (*STEPS, *LAYERS, *OUTCOMES, "straight-answers")
"""All that a fault can do once training has begun."""

SYMPTOMS: tuple[str, ...] = (*POOR_START, *TRAINING)
"""All that a fault of the config or the data can do, from the untrained network on."""
