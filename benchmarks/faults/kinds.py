"""The kinds of faults, and for each the rules that name its cause.

The answers were written down from the names and meanings of the checklist's rules, before any program had been
run; rules that were added to the checklist later (above all those that judge a person's own network as others judge
the config of ours) were added here with them. Rules that name only what a fault does to training (`stuck-loss`,
`nonfinite-loss`) are nobody's answer.
"""

from __future__ import annotations

__all__ = ["KINDS"]


def _rules(names: str) -> frozenset[str]:
    return frozenset(names.split())


KINDS: dict[str, frozenset[str]] = {
    # data
    "unscaled-inputs": _rules("unscaled-inputs"),
    "unscaled-targets": _rules("unscaled-targets targets-beyond-outputs"),
    "outliers": _rules("outliers heavy-tailed-feature"),
    "nonfinite-data": _rules("nonfinite-data"),
    "shuffled-labels": _rules("uninformative-inputs"),
    "label-noise": _rules("disagreeing-labels"),
    "overlapping-classes": _rules("conflicting-labels disagreeing-labels"),
    "deleted-data": _rules("memorized-training-set unregularized-overfitting rising-validation-loss few-updates"),
    "imbalance": _rules("imbalanced-classes ignored-class"),
    "drift": _rules("drifting-inputs validation-scaled-apart"),
    "validation-scaled-apart": _rules("validation-scaled-apart drifting-inputs"),
    "leakage": _rules("shared-rows near-shared-rows"),
    "sorted-data": _rules("sorted-data unseen-class drifting-labels"),
    "unseen-class": _rules("unseen-class"),
    "single-class": _rules("single-class unseen-class"),
    "constant-feature": _rules("constant-feature nonfinite-data"),
    "coded-category": _rules("number-coded-category"),
    "wrapped-angle": _rules("wrapped-angle"),
    "one-hot-targets": _rules("one-hot-targets classification-as-regression"),
    "wrong-task": _rules("regression-as-classification classification-as-regression loss-for-another-task"),
    "unequal-target-scales": _rules("unequal-target-scales dominating-output unscaled-targets"),
    "unscaled-series": _rules("unscaled-inputs unscaled-targets"),
    "row-scaling": _rules("row-scaled-inputs unscaled-inputs"),
    "label-among-inputs": _rules("label-among-inputs"),
    "id-column": _rules("label-among-inputs number-coded-category"),
    "constant-target": _rules("single-class unscaled-targets"),
    "unembedded-tokens": _rules("unembedded-tokens unscaled-inputs number-coded-category"),
    "padding": _rules("padded-sequences constant-feature uninformative-inputs"),
    "channels-last": _rules("channels-last"),
    "empty-inputs": _rules("constant-feature uninformative-inputs"),
    # outputs and losses
    "probabilities-as-logits": _rules("probabilities-into-cross-entropy mismatched-output-activation"),
    "logits-as-probabilities": _rules("logits-into-probability-loss mismatched-output-activation"),
    "clipped-outputs": _rules("clipped-outputs mismatched-output-activation unreachable-targets"),
    "wrong-output-size": _rules("wrong-output-size"),
    "softmax-over-one": _rules("wrong-output-size loss-for-another-task mismatched-output-activation"),
    "broadcast-outputs": _rules("wrong-output-size broadcast-loss"),
    "forgotten-flatten": _rules("wrong-output-size failing-loss"),
    "competing-labels": _rules("mismatched-output-activation loss-for-another-task unreachable-targets"),
    "classes-as-numbers": _rules("wrong-output-size loss-for-another-task unsuited-loss"),
    "dropped-outputs": _rules("dropped-outputs"),
    "reshaped-axes": _rules("reshaped-axes"),
    "softmax-over-batch": _rules("softmax-over-batch mixed-examples"),
    "broadcast-loss": _rules("broadcast-loss"),
    "summed-loss": _rules("summed-loss"),
    "inverted-loss": _rules("inverted-loss"),
    "flat-loss": _rules("detached-loss zero-gradients parameter-without-gradient"),
    "loss-for-another-task": _rules("loss-for-another-task unsuited-loss"),
    # initial weights and activations
    "identical-weights": _rules("identical-initial-weights"),
    "large-weights": _rules("unscaled-initial-weights growing-signal"),
    "small-weights": _rules("unscaled-initial-weights fading-signal"),
    "large-bias": _rules("large-initial-bias"),
    "missing-activation": _rules("missing-activation affine-network"),
    "saturating-activations": _rules(
        "saturating-activations-in-depth fading-signal vanishing-gradients saturated-units softmax-between-layers"
    ),
    "deep-plain-network": _rules("deep-plain-network fading-signal vanishing-gradients"),
    "mixed-self-normalization": _rules("mixed-self-normalization normalized-selu"),
    # learning rate and optimizer
    "rate-too-high": _rules("learning-rate-out-of-bounds learning-rate-too-high large-updates oversized-steps"),
    "rate-too-low": _rules("learning-rate-out-of-bounds learning-rate-too-low tiny-updates zero-learning-rate"),
    "early-decay": _rules("early-decay decayed-while-falling"),
    "long-warmup": _rules("unfinished-warmup"),
    "tight-clipping": _rules("constantly-clipped-gradients"),
    "minibatch-lbfgs": _rules("minibatch-lbfgs"),
    # regularization and normalization
    "excessive-penalty": _rules("excessive-weight-decay overwhelming-regularization"),
    "excessive-dropout": _rules("dropout-like-retention heavy-dropout"),
    "dropout-before-normalization": _rules("dropout-before-normalization dropped-normalization-inputs"),
    "random-evaluation": _rules("random-evaluation"),
    "unlike-in-evaluation": _rules("unlike-in-evaluation"),
    "small-batch-normalization": _rules("small-batch-normalization few-normalized-rows"),
    "ineffective-regularization": _rules("ineffective-regularization"),
    # wiring
    "cut-gradient": _rules("parameter-without-gradient"),
    "unused-layer": _rules("unused-module parameter-without-gradient"),
    "unoptimized-layer": _rules("unoptimized-parameter foreign-parameters unchanged-parameters unregistered-parameter"),
    "frozen-network": _rules("frozen-network unoptimized-parameter unchanged-parameters frozen-first-weights"),
    "ignored-inputs": _rules("ignored-inputs"),
    "mixed-examples": _rules("mixed-examples"),
    "accumulated-gradients": _rules("accumulated-gradients"),
    "vanishing-recurrence": _rules("vanishing-gradients fading-signal forgotten-beginning"),
    "exploding-recurrence": _rules("exploding-gradients growing-signal unscaled-initial-weights"),
    # plan and capacity
    "too-few-updates": _rules("single-epoch few-updates unfinished-training large-batch"),
    "no-validation": _rules("unvalidated-training"),
    "impatience": _rules("impatient-stopping premature-stopping"),
    "repeated-batch": _rules("repeated-batch"),
    "narrow-network": _rules("narrow-hidden-layer narrow-passage underfitting"),
    "too-simple-network": _rules("underfitting affine-network straight-answers"),
    "missing-bias": _rules("missing-bias unbiased-network"),
    "overfitting": _rules("rising-validation-loss memorized-training-set unregularized-overfitting"),
    "overcomplete-autoencoder": _rules("overcomplete-autoencoder"),
    "wrong-visible-units": _rules("inputs-outside-units unstandardized-gaussian-units"),
    # of the programs that were written blind (held_out_blind)
    "softmax-of-one": _rules(
        "mismatched-output-activation wrong-output-size unreachable-targets loss-for-another-task"
    ),
    "softmax-for-several-labels": _rules("mismatched-output-activation unreachable-targets clipped-outputs"),
    "one-output-for-several": _rules("wrong-output-size broadcast-loss"),
    "labels-in-another-code": _rules("loss-for-another-task wrong-gradient unreachable-targets"),
    "one-unit-for-classes": _rules(
        "wrong-output-size unreachable-targets mismatched-output-activation loss-for-another-task"
    ),
    "growing-rate": _rules("growing-learning-rate learning-rate-out-of-bounds learning-rate-too-high large-updates"),
    "dying-units": _rules("dead-units large-initial-bias"),
}
