"""Probes: code that measures a training and never judges it.

A probe leaves everything as found: weights, buffers, gradients, random state, train/eval flags. One that can't
run is skipped, and the record says so; it never stops a training.
"""
