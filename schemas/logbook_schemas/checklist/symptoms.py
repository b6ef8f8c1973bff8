"""What faults look like from outside: the rules that name a symptom, by the kind of cause they follow from.

A cause names these groups in `explains`, so that a new symptom is added in one place. The levels keep it free of
circles: a cause (config, data, start) explains how long the steps are, what happens in the layers and to the losses;
steps of the wrong length explain what happens in the layers; what happens in the layers explains what happens to the
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
    "learning-rate-too-high",
    "learning-rate-too-low",
    "overwhelming-regularization",
    "constantly-clipped-gradients",
    "corrected-start",
)
"""The steps are too long or too short, or go another way than the losses ask for."""

LAYERS: tuple[str, ...] = ()
"""What happens in single layers: units die or saturate, gradients vanish."""

POOR_START: tuple[str, ...] = ("implausible-initial-loss",)
"""The untrained network already says something strange."""

POOR_VALIDATION: tuple[str, ...] = ("rising-validation-loss", "memorized-training-set", "unregularized-overfitting")
"""Training goes well, and what was not trained on does not."""

OUTCOMES: tuple[str, ...] = (*EXPLODING, *NOT_LEARNING)
"""What becomes of the losses."""

SYMPTOMS: tuple[str, ...] = (*POOR_START, *STEPS, *LAYERS, *OUTCOMES)
"""All that a fault of the config, the data or the wiring makes worse in training."""
