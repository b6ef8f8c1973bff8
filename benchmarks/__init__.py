"""Speed, as ratios measured in one script: `python -m benchmarks` writes `benchmarks/RESULTS.md`."""
