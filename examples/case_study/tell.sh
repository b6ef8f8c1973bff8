#!/bin/sh
# The story of a network that didn't learn: eleven configs, each run, judged by a person, then told by the logbook.
# Run:    sh examples/case_study/tell.sh
# Takes:  about 90 seconds on one core.
# The logbook is $LOGBOOK_STORE, else .logbook beside this file.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
LOGBOOK_STORE=${LOGBOOK_STORE:-$here/.logbook}
export LOGBOOK_STORE

# --again lets the script run a second time: else the logbook stops at what is known as a dead end.
try() {
    config=$1
    shift
    logbook run "$here/$config.json" --quiet --again "$@"
}

try 01_as_found --seeds 3 --tag bandaged
logbook outcome @ baseline --because "hardly better than always answering the mean, whichever the seed"
logbook note @ "The losses of the first epochs are wild."

try 02_clipped --tag bandaged
logbook outcome @ dead-end --because "the loss falls smoothly now, but stays above that of the mean: the gradients are clipped at every step, and why they are large is hidden"

try 03_decayed_early --tag bandaged
logbook outcome @ dead-end --because "decayed too early: after four epochs the rate is a hundredth, and nothing moves any more"

# Three epochs instead of two? The logbook stops (on a terminal it asks): the cause of the dead end is still there.
logbook run "$here/03_decayed_early.json" --set schedule.step_size=3 --quiet </dev/null && exit 1

try 04_decayed_later --tag bandaged
logbook outcome @ dead-end --because "better than the early decay, worse than none: the learning rate isn't what is wrong"

try 05_squashed_inputs --tag bandaged
logbook outcome @ dead-end --because "still worse than the mean: long tails aren't what is wrong, though squashing does no harm"

try 06_without_normalization --tag bandaged
logbook outcome @ dead-end --because "batch normalization hid it: without it the untrained network answers in quadrillions, and clipping scales gradients of infinite length to 0, so that nothing moves"

# It diverges, as it should: exit status 1.
try 07_without_clipping && exit 1
logbook outcome @ dead-end --because "clipping masked it: without it the loss is NaN at the second step; the gradients explode since the weights begin far too large"

try 08_scaled_weights --seeds 3 --tag cured
logbook outcome @ promising --because "the initial weights were the cause: it learns, and needs neither normalization nor clipping"
logbook note @ "I101 unscaled-initial-weights said so at the first run, with the change that cures it."

try 09_one_late_drop --seeds 3 --tag cured
logbook outcome @ done --because "as good as a constant rate, within the noise between seeds, and a calmer end: we keep it"

try 10_geometric_quick --seeds 3 --tag cured
logbook outcome @ dead-end --because "decayed too early again: the factor was meant for epochs and taken at every step, so the rate was gone within the first"

try 11_geometric_slow --tag cured
logbook outcome @ inconclusive --because "no worse than a constant rate, and no better: no reason to decay at every step"

logbook log river-level
logbook compare river-level@1 river-level@9
logbook compare river-level@8 river-level@9 river-level@10
logbook search outcome:dead-end
logbook search 'reason~"decayed too early"' --columns version,best,reason
logbook progress river-level
logbook importance
logbook report river-level@1 river-level@9 --output "$LOGBOOK_STORE/river-level.html"
